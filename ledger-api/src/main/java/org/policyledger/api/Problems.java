package org.policyledger.api;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import org.policyledger.api.snapshot.SnapshotRefused;
import org.policyledger.core.Check;
import org.policyledger.core.Rejection;
import org.policyledger.store.AppendRefused;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JacksonException.Reference;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** The one place where refusals and faults become problem documents, and where their kinds are explained. */
@RestControllerAdvice
@RestController
public class Problems implements ErrorController {

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final String RETRY_AFTER_SECONDS = "1";

    /** What an exception comes to. */
    public static Problem of(Throwable failure) {
        return switch (failure) {
            case Refused refused -> refused.problem();
            case Rejection rejection -> refused(rejection);
            case SnapshotRefused refused ->
                Problem.of(Problem.Kind.ofCode(refused.code().text()).orElseThrow(), refused.detail());
            case AppendRefused refused -> Problem.of(kind(refused), String.valueOf(refused.getMessage()));
            case JacksonException unreadable -> unreadable(unreadable);
            default -> fault(failure);
        };
    }

    /** What the law refuses leaves no trace in the log, so the service's own log keeps it. */
    private static Problem refused(Rejection rejection) {
        LOG.info("Refused, {}: {}", rejection.code().text(), rejection.detail());
        return Problem.of(Problem.Kind.of(rejection.code()), rejection.detail());
    }

    private static Problem.Kind kind(AppendRefused refused) {
        return switch (refused.kind()) {
            case CONFLICT -> Problem.Kind.CONTENTION;
            case OVERLOADED -> Problem.Kind.OVERLOADED;
            case UNAVAILABLE -> Problem.Kind.UNAVAILABLE;
            case OUTCOME_UNKNOWN -> Problem.Kind.OUTCOME_UNKNOWN;
            case TOO_LARGE -> Problem.Kind.EVENT_TOO_LARGE;
            case KEY_REUSED -> Problem.Kind.IDEMPOTENCY_KEY_REUSED;
            case INVALID -> Problem.Kind.MALFORMED;
        };
    }

    /** A body that cannot be read: where, and what rule it breaks. */
    private static Problem unreadable(JacksonException unreadable) {
        StringBuilder pointer = new StringBuilder();
        for (Reference step : unreadable.getPath()) {
            pointer.append('/').append(step.getPropertyName() != null
                    ? step.getPropertyName().replace("~", "~0").replace("/", "~1")
                    : Integer.toString(step.getIndex()));
        }
        String rule = switch (unreadable) {
            case UnrecognizedPropertyException unknown -> "unknown field '" + Check.excerpt(unknown.getPropertyName())
                    + "': remove it; known here are " + String.join(", ", unknown.getKnownPropertyIds().stream()
                            .map(String::valueOf).sorted().toList());
            case InvalidTypeIdException wrong when wrong.getTypeId() == null ->
                "the field that names the kind is missing: see the API guide for the known ones";
            case InvalidTypeIdException wrong ->
                "'" + Check.excerpt(wrong.getTypeId()) + "' is not a known kind: see the API guide for the known ones";
            default -> unreadable.getCause() instanceof IllegalArgumentException broken
                    ? String.valueOf(broken.getMessage())
                    : String.valueOf(unreadable.getOriginalMessage()).lines().findFirst().orElse("unreadable")
                            .replaceAll("`?(org\\.policyledger|java|tools\\.jackson|com\\.fasterxml)[\\w.$]*\\.", "`")
                            .replaceAll("\\(for (Object|Array) starting at .*?\\)", "");
        };
        return Problem.of(Problem.Kind.MALFORMED, pointer.isEmpty() ? rule : pointer + ": " + rule,
                new Problem.Fault(pointer.toString(), rule));
    }

    private static Problem fault(Throwable failure) {
        String incident = UUID.randomUUID().toString();
        LOG.error("Fault {}", incident, failure);
        return Problem.of(Problem.Kind.INTERNAL, "The service failed; its log tells why under " + incident + ".");
    }

    @ExceptionHandler
    ResponseEntity<Problem> handle(Exception failure, HttpServletRequest request) {
        return switch (failure) {
            case NoResourceFoundException missing -> answer(noSuchAddress(request));
            case HttpRequestMethodNotSupportedException wrong -> answer(Problem.of(Problem.Kind.METHOD_NOT_ALLOWED,
                    request.getMethod() + " is not supported at " + request.getRequestURI()), wrong.getHeaders());
            case HttpMediaTypeNotSupportedException wrong -> answer(Problem.of(Problem.Kind.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type " + wrong.getContentType() + " is not read here: use one of "
                            + wrong.getSupportedMediaTypes()));
            case HttpMediaTypeNotAcceptableException wrong -> answer(Problem.of(Problem.Kind.NOT_ACCEPTABLE,
                    "Accept asks for what cannot be given here: use one of " + wrong.getSupportedMediaTypes()));
            case MissingServletRequestParameterException missing -> answer(Problem.of(Problem.Kind.MALFORMED,
                    "The query parameter " + missing.getParameterName() + " is missing: give it"));
            case MethodArgumentTypeMismatchException wrong -> answer(Problem.of(Problem.Kind.MALFORMED,
                    wrong.getName() + " '"
                            + Check.excerpt(String.valueOf(wrong.getValue())) + "' is not a "
                            + (wrong.getRequiredType() == null
                                    ? "value of the right kind"
                                    : wrong.getRequiredType().getSimpleName())));
            case ErrorResponse other when other.getStatusCode().value() == 413 ->
                answer(Problem.of(Problem.Kind.TOO_LARGE, "The body is too large"));
            case ErrorResponse other when other.getStatusCode().is4xxClientError() ->
                answer(Problem.of(Problem.Kind.MALFORMED,
                        String.valueOf(other.getBody().getDetail())));
            default -> answer(of(failure));
        };
    }

    /** Refusals of the container itself, which know no controller. */
    @RequestMapping("/error")
    ResponseEntity<Problem> error(HttpServletRequest request) {
        int status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code ? code : 404;
        return answer(switch (status) {
            case 404 -> noSuchAddress(request);
            case 405 -> Problem.of(Problem.Kind.METHOD_NOT_ALLOWED, request.getMethod() + " is not supported here");
            case 413 -> Problem.of(Problem.Kind.TOO_LARGE, "The body is too large");
            case 500 -> request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) instanceof Throwable failure
                    ? of(failure)
                    : Problem.of(Problem.Kind.INTERNAL, "The service failed.");
            default -> Problem.of(Problem.Kind.MALFORMED, "The request cannot be read");
        });
    }

    private static Problem noSuchAddress(HttpServletRequest request) {
        Object asked = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        return Problem.of(Problem.Kind.NOT_FOUND,
                Check.excerpt(String.valueOf(asked == null ? request.getRequestURI() : asked))
                        + " is not an address of this service: the API guide at /swagger-ui.html lists them");
    }

    /** Explains a kind of problem to whoever follows its type. */
    @GetMapping(path = "/problems/{code}", produces = "text/plain;charset=UTF-8")
    String explain(@PathVariable String code) {
        Problem.Kind kind = Problem.Kind.ofCode(code).orElseThrow(
                () -> new Refused(Problem.Kind.NOT_FOUND,
                        "'" + Check.excerpt(code) + "' is not a problem code: /problems lists them"));
        return kind.code() + " (" + kind.status() + ")\n" + kind.title() + "\n\n" + kind.meaning() + "\n";
    }

    /** Every kind of problem, in the order in which they are checked. */
    @GetMapping(path = "/problems", produces = "text/plain;charset=UTF-8")
    String explainAll() {
        StringBuilder all = new StringBuilder();
        for (Problem.Kind kind : Problem.Kind.values()) {
            all.append(explain(kind.code())).append('\n');
        }
        return all.toString();
    }

    static ResponseEntity<Problem> answer(Problem problem) {
        return answer(problem, HttpHeaders.EMPTY);
    }

    private static ResponseEntity<Problem> answer(Problem problem, HttpHeaders headers) {
        ResponseEntity.BodyBuilder answer = ResponseEntity.status(problem.status()).headers(headers)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (problem.status() == 503) {
            answer.header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        return answer.body(problem);
    }
}
