package org.policyledger.api;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.policyledger.api.snapshot.SnapshotRefused;
import org.policyledger.core.Check;
import org.policyledger.core.Rejection;
import org.policyledger.store.AppendRefused;
import org.policyledger.store.LedgerUnreadable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
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
            case LedgerUnreadable away -> unavailable(away);
            case DataAccessResourceFailureException away -> unavailable(away);
            case TransientDataAccessException away -> unavailable(away);
            case RecoverableDataAccessException away -> unavailable(away);
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

    private static Problem unreadable(JacksonException unreadable) {
        String pointer = UnreadableBody.pointer(unreadable);
        String rule = UnreadableBody.rule(unreadable);
        return Problem.of(Problem.Kind.MALFORMED, pointer.isEmpty() ? rule : pointer + ": " + rule,
                new Problem.Fault(pointer, rule));
    }

    private static Problem unavailable(Throwable away) {
        LOG.warn("The database does not answer: {}", away.getMessage());
        return Problem.of(Problem.Kind.UNAVAILABLE,
                "The database does not answer; nothing was recorded: try again later");
    }

    /** What a status of the container itself comes to, where nothing more is known. */
    static Problem ofStatus(int status) {
        return switch (status) {
            case 404 -> Problem.of(Problem.Kind.NOT_FOUND, "The address is not one of this service");
            case 405 -> Problem.of(Problem.Kind.METHOD_NOT_ALLOWED, "The method is not supported here");
            case 413 -> Problem.of(Problem.Kind.TOO_LARGE, "The body is too large");
            case 500 -> Problem.of(Problem.Kind.INTERNAL, "The service failed.");
            case 503 -> Problem.of(Problem.Kind.OVERLOADED, "The service takes no requests now: try again later");
            default -> Problem.of(Problem.Kind.MALFORMED, "The request cannot be read: its first line or a header"
                    + " breaks the rules of HTTP, or is too long");
        };
    }

    private static Problem fault(Throwable failure) {
        String incident = UUID.randomUUID().toString();
        LOG.error("Fault {}", incident, failure);
        return Problem.of(Problem.Kind.INTERNAL, "The service failed; its log tells why under " + incident + ".");
    }

    @ExceptionHandler
    ResponseEntity<Problem> handle(Exception failure, HttpServletRequest request, HttpServletResponse response)
            throws Exception {
        if (response.isCommitted()) {
            // What is sent cannot be taken back; a problem after it would be taken for a part of it.
            throw failure;
        }
        return switch (failure) {
            case NoResourceFoundException missing -> answer(noSuchAddress(request));
            case HttpRequestMethodNotSupportedException wrong -> answer(Problem.of(Problem.Kind.METHOD_NOT_ALLOWED,
                    request.getMethod() + " is not supported at " + request.getRequestURI()), wrong.getHeaders());
            case HttpMediaTypeNotSupportedException wrong -> answer(Problem.of(Problem.Kind.UNSUPPORTED_MEDIA_TYPE,
                    (wrong.getContentType() == null
                            ? "The Content-Type is missing, or not a media type"
                            : "Content-Type " + wrong.getContentType() + " is not read here") + ": use "
                            + MediaType.toString(wrong.getSupportedMediaTypes())));
            case HttpMediaTypeNotAcceptableException wrong -> answer(Problem.of(Problem.Kind.NOT_ACCEPTABLE,
                    "Accept asks for what cannot be given here"
                            + (wrong.getSupportedMediaTypes().isEmpty()
                                    ? ""
                                    : ": use " + MediaType.toString(wrong.getSupportedMediaTypes()))));
            case InvalidParameterException undecodable -> answer(Problem.of(Problem.Kind.MALFORMED,
                    "The query cannot be decoded: write what is not a letter or digit as % and two hexadecimal digits"));
            case IOException broken -> answer(Problem.of(Problem.Kind.MALFORMED,
                    "The body breaks off, or is not sent as HTTP demands"));
            case MissingServletRequestParameterException missing -> answer(Problem.of(Problem.Kind.MALFORMED,
                    "The query parameter " + missing.getParameterName() + " is missing: give it"));
            case MethodArgumentTypeMismatchException wrong -> answer(Problem.of(Problem.Kind.MALFORMED,
                    wrong.getName() + " '" + Check.excerpt(String.valueOf(wrong.getValue())) + "' is not "
                            + UnreadableBody.wantedOfParameter(
                                    wrong.getParameter().nestedIfOptional().getNestedParameterType())));
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
        if (status == 404) {
            return answer(noSuchAddress(request));
        }
        return answer(request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) instanceof Throwable failure
                && status >= 500 ? of(failure) : ofStatus(status));
    }

    private static Problem noSuchAddress(HttpServletRequest request) {
        Object asked = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        return Problem.of(Problem.Kind.NOT_FOUND,
                Check.excerpt(String.valueOf(asked == null ? request.getRequestURI() : asked))
                        + " is not an address of this service: the API guide at /swagger-ui.html lists them");
    }

    /** Explains a kind of problem to whoever follows its type. */
    @GetMapping("/problems/{code}")
    ResponseEntity<String> explain(@PathVariable String code) {
        Problem.Kind kind = Problem.Kind.ofCode(code).orElseThrow(
                () -> new Refused(Problem.Kind.NOT_FOUND,
                        "'" + Check.excerpt(code) + "' is not a problem code: /problems lists them"));
        return page(text(kind));
    }

    private static String text(Problem.Kind kind) {
        return kind.code() + " (" + kind.status() + ")\n" + kind.title() + "\n\n" + kind.meaning() + "\n";
    }

    /** Text, whatever the caller would rather have: whoever follows a problem's type must not meet the next problem. */
    private static ResponseEntity<String> page(String text) {
        return ResponseEntity.ok().contentType(new MediaType("text", "plain", StandardCharsets.UTF_8)).body(text);
    }

    /** Every kind of problem, in the order in which they are checked. */
    @GetMapping("/problems")
    ResponseEntity<String> explainAll() {
        StringBuilder all = new StringBuilder();
        for (Problem.Kind kind : Problem.Kind.values()) {
            all.append(text(kind)).append('\n');
        }
        return page(all.toString());
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
