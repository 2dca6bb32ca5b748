package org.policyledger.api.log;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.policyledger.api.Problem;
import org.policyledger.api.Refused;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Has the service verify its own log, and refuses what would be answered from one that does not verify. */
@RestController
@RequestMapping(path = "/v1/verification", produces = MediaType.APPLICATION_JSON_VALUE)
class VerificationController implements WebMvcConfigurer, HandlerInterceptor {

    /** The latest verification; absent if there was none since the service was started. */
    record VerificationAnswer(Optional<Verification.Progress> verification) {}

    /** What one needs to look into the damage: it shows the log as it is, or says of itself that it may be wrong. */
    private static final Set<String> STILL_ANSWERED = Set.of("/v1/verification", "/v1/export");

    private final Verification verification;

    VerificationController(Verification verification) {
        this.verification = verification;
    }

    @PostMapping
    ResponseEntity<VerificationAnswer> start(@RequestParam(defaultValue = "false") boolean readings) {
        return ResponseEntity.status(HttpStatus.ACCEPTED).cacheControl(CacheControl.noStore())
                .location(URI.create("/v1/verification"))
                .body(new VerificationAnswer(Optional.of(verification.start(readings))));
    }

    @GetMapping
    ResponseEntity<VerificationAnswer> verification() {
        return ResponseEntity.ok().cacheControl(CacheControl.noStore())
                .body(new VerificationAnswer(verification.progress()));
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this).addPathPatterns("/v1/**", "/log/**");
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        verification.damage().filter(damage -> !STILL_ANSWERED.contains(request.getRequestURI())).ifPresent(damage -> {
            throw new Refused(Problem.Kind.LEDGER_DAMAGED, "The log does not verify: " + damage
                    + ". GET /v1/verification tells all; nothing is answered from it until the operator has put it right");
        });
        return true;
    }
}
