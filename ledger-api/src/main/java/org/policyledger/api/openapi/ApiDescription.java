package org.policyledger.api.openapi;

import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.Discriminator;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.servers.Server;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.policyledger.api.Problem;
import org.policyledger.api.action.NoticeDemand;
import org.policyledger.api.snapshot.CitationBackfill;
import org.policyledger.api.snapshot.SnapshotFormat;
import org.policyledger.core.Command;
import org.policyledger.core.Entry;
import org.policyledger.core.EventNames;
import org.policyledger.core.Timeline;
import org.policyledger.core.event.CommitmentEvent;
import org.policyledger.core.event.EntityEvent;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.core.event.NoticeRecorded;
import org.policyledger.core.event.StatementRecorded;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Completes the description that is generated from the controllers: they read bodies as bytes and parameters as text, so what is
 * in them is said here, call by call ({@link Call}), with examples from files ({@link Examples}).
 */
@Configuration(proxyBeanMethods = false)
class ApiDescription {

    private static final String JSON = "application/json";
    private static final String NDJSON = "application/x-ndjson";
    private static final String CLOUD_EVENT = "application/cloudevents+json";
    private static final String CLOUD_EVENTS = "application/cloudevents-batch+json";
    private static final String PROBLEM = "application/problem+json";
    private static final String CSV = "text/csv";
    private static final String HTML = "text/html";
    private static final String LIVE = "text/event-stream";

    /** The calls that take Accept-Datetime. */
    private static final Set<String> MEMENTOS = Set.of("entity", "status", "timeline", "history", "party", "links",
            "list",
            "entries");

    private static final Map<String, String> PARAMETERS = Map.ofEntries(
            Map.entry("asOf", "The day asked about; by default today in UTC"),
            Map.entry("asKnownAt",
                    "What was known: an instant such as 2026-01-31T12:00:00Z, or a position such as position:4; by default"
                            + " all that is recorded"),
            Map.entry("cursor", "The page to give, from the answer before"),
            Map.entry("limit", "Entries in a page"),
            Map.entry("name", "The name or alias, of 1 to 300 characters and at most 30 words"),
            Map.entry("switchIfDifferent", "Go over to the rebuilt reading also if the live one differs from it"),
            Map.entry("country", "Only entities for which an entry ever named this country"),
            Map.entry("status",
                    "Only entities that stand so on one of the lists on the day; NOT_LISTED: on all of them"),
            Map.entry("entityId", "The entity"), Map.entry("listId", "The list"),
            Map.entry("actionId", "The action, from its receipt"),
            Map.entry("from", "The earlier day"), Map.entry("to", "The later day"),
            Map.entry("knownFrom", "The earlier view: an instant or a position, as asKnownAt takes them"),
            Map.entry("knownTo", "The later view: an instant or a position; by default all that is recorded"),
            Map.entry("after", "Only events after this position; -1 starts with the first"),
            Map.entry("through", "Only events up to and with this position"),
            Map.entry("Last-Event-ID",
                    "For the live stream, in place of after, which it wins over: the last id received; browsers send it by"
                            + " themselves when they connect again"),
            Map.entry("type", "Only events of this type"), Map.entry("actor", "Only events of this actor"),
            Map.entry("format", "The file's format"),
            Map.entry("snapshotDate", "The day for which the file shows the list"),
            Map.entry("commitmentId", "The commitment"),
            Map.entry("dossier", "The label of the affair"),
            Map.entry("state", "Only commitments in this state"),
            Map.entry("overdue", "Only those whose day has gone by unfulfilled, or only the others"),
            Map.entry("reviewDueBy", "Only those open whose next review is set for this day or an earlier one"),
            Map.entry("dryRun", "Derive the actions but record nothing"),
            Map.entry("backfill", "The day may lie before that of a snapshot imported earlier"),
            Map.entry("maxDrop", "The share of the list that the file may lack, 0 to 1"),
            Map.entry("atomic", "All lines or none"),
            Map.entry("noticeId", "The notice: publisher and reference, such as federal-register:88-FR-80131"),
            Map.entry("publisher", "Only notices of this publisher; case does not matter"),
            Map.entry("readings", "Compare each reading with a replay too, which takes as long as rebuilding them"),
            Map.entry("proof", "Prove the events that decided it"),
            Map.entry("code", "The problem's code"));

    @Bean
    ModelConverter fields() {
        return new Fields();
    }

    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(new Info().title("Policy Action Ledger").version("1").summary(
                        "Records policy actions; answers what was in force, and what was known, at any time")
                        .license(new License().name("Apache-2.0").identifier("Apache-2.0")))
                .servers(List.of(new Server().url("/")));
    }

    @Bean
    OpenApiCustomizer calls() {
        return described -> {
            addSchemas(described);
            Paths paths = described.getPaths();
            paths.remove("/error");
            paths.forEach((path, item) -> item.readOperationsMap().forEach(
                    (method, operation) -> Call.find(method + " " + path)
                            .ifPresent(call -> describe(call, operation))));
            described.setPaths(inOrder(paths));
        };
    }

    private static Paths inOrder(Paths generated) {
        Paths ordered = new Paths();
        Call.ALL.stream().map(Call::path).filter(generated::containsKey)
                .forEach(path -> ordered.addPathItem(path, generated.get(path)));
        generated.forEach(ordered::putIfAbsent);
        return ordered;
    }

    private static void describe(Call call, Operation operation) {
        operation.operationId(call.id()).tags(List.of(call.tag())).summary(call.summary())
                .description(call.description());
        if (operation.getParameters() != null) {
            operation.getParameters().forEach(parameter -> describe(call, parameter));
        }
        if (MEMENTOS.contains(call.id())) {
            operation.addParametersItem(header("Accept-Datetime",
                    "In place of asKnownAt: a date of HTTP, such as Thu, 16 Nov 2023 12:00:00 GMT (RFC 7089)"));
        }
        if (call.writes()) {
            headers(call).forEach(operation::addParametersItem);
            operation.setRequestBody(new RequestBody().required(true).content(requestContent(call)));
        }
        ApiResponses generated = operation.getResponses();
        operation.setResponses(new ApiResponses());
        ApiResponse usual = generated.values().iterator().next();
        call.statuses().forEach(status -> operation.getResponses().addApiResponse(status.toString(),
                answer(call, status, answerContent(call, usual.getContent()))));
        problems(call).forEach(operation.getResponses()::addApiResponse);
    }

    // ---- parameters and headers ----

    private static void describe(Call call, Parameter parameter) {
        String name = parameter.getName();
        parameter.description(PARAMETERS.get(name)).example(call.parameters().get(name));
        Schema<?> schema = parameter.getSchema();
        switch (name) {
            case "from", "to" -> {
                if (call.id().equals("export")) {
                    parameter.setDescription(name.equals("from")
                            ? "The first position"
                            : "The position after the last; by default all that is recorded");
                } else if (call.id().equals("consistency")) {
                    parameter.setDescription(name.equals("from")
                            ? "The smaller size"
                            : "The larger size; by default that of the last checkpoint");
                } else {
                    schema.setFormat("date");
                }
            }
            case "asOf", "snapshotDate", "reviewDueBy" -> schema.setFormat("date");
            case "limit" -> parameter.setDescription(call.id().equals("search")
                    ? "Entities at most, 1 to 100; by default 20"
                    : parameter.getDescription() + ", 1 to 1,000; by default 100");
            case "type" -> {
                if (call.id().equals("search")) {
                    parameter.setDescription("Only entities that an entry ever said to be of this type");
                    enumerate(schema, Stream.of(Entry.Type.values()).map(Enum::name));
                } else {
                    enumerate(schema, EventNames.all().map(EventNames.Name::type).distinct().sorted());
                }
            }
            case "name" -> {
                if (!call.id().equals("search")) {
                    parameter.setDescription("The reading");
                }
            }
            case "status" -> enumerate(schema, Stream.of(Timeline.State.values()).map(Enum::name));
            case "format" -> enumerate(schema, SnapshotFormat.names().stream());
            case "code" -> enumerate(schema, Stream.of(Problem.Kind.values()).map(Problem.Kind::code));
            case "state" -> enumerate(schema, Stream.of("OPEN", "CLOSED"));
            case "actionId" -> schema.setFormat("uuid");
            default -> {
                // its description says it all
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static void enumerate(Schema<?> schema, Stream<String> values) {
        ((Schema<Object>) schema).setEnum(new ArrayList<>(values.toList()));
    }

    private static List<Parameter> headers(Call call) {
        List<Parameter> headers = new ArrayList<>();
        headers.add(header("Idempotency-Key",
                "Names the request for ever: sent again, it gets the first answer and records nothing"));
        if (call.refusals().contains(Problem.Kind.STALE_SEQUENCE) && call.statuses().getFirst() == 201) {
            headers.add(
                    header("If-Match", "The ETag of what the decision rests on; refused if it is no longer the last"));
        }
        headers.add(header("Prefer", "respond-async does not wait until reads see what was recorded"));
        headers.add(header("X-Correlation-Id", "Kept with the events, to tie them together"));
        return headers;
    }

    private static Parameter header(String name, String description) {
        return new HeaderParameter().name(name).description(description).schema(text()).required(false);
    }

    // ---- bodies ----

    private static Content requestContent(Call call) {
        MediaType body = new MediaType().schema(requestSchema(call)).examples(Examples.of(call, "request"));
        return switch (call.id()) {
            case "recordBatch" -> new Content().addMediaType(NDJSON, body);
            case "importSnapshot" -> new Content().addMediaType("application/octet-stream", body);
            default -> new Content().addMediaType(JSON, body);
        };
    }

    private static Schema<?> requestSchema(Call call) {
        return switch (call.id()) {
            case "registerList" -> reference("RegisterList");
            case "recordAction" -> reference("Command");
            case "recordBatch" -> text().description("One Command a line");
            case "recordNotice" -> reference("NoticeDemand");
            case "backfillCitations" -> reference("Files");
            default -> text().description("The file as the authority published it");
        };
    }

    private static Content answerContent(Call call, Content generated) {
        Map<String, Example> examples = Examples.of(call, "answer");
        Content content = new Content();
        switch (call.id()) {
            case "recordBatch" ->
                content.addMediaType(NDJSON,
                        new MediaType().schema(text().description("One Receipt or Problem a line")));
            case "events" -> {
                Schema<Object> array = new Schema<>();
                array.setTypes(Set.of("array"));
                array.setItems(reference("CloudEvent"));
                content.addMediaType(CLOUD_EVENTS, new MediaType().schema(array));
                content.addMediaType(NDJSON, new MediaType().schema(text().description("One CloudEvent a line")));
                content.addMediaType(LIVE, new MediaType().schema(text().description("The live stream, without end:"
                        + " Server-Sent Events, each with its position as id and a CloudEvent as data; through, cursor"
                        + " and limit are not taken")));
            }
            case "entries" -> rows(content, "EntriesAnswer", "ListEntry");
            case "changes" -> rows(content, "ChangesAnswer", "ListChange");
            case "revisions" -> rows(content, "RevisionsAnswer", "ListRevision");
            case "history" -> {
                content.addMediaType(JSON, new MediaType().schema(reference("HistoryAnswer")));
                content.addMediaType(CSV, new MediaType().schema(text().description("One action a row (RFC 4180)")));
                content.addMediaType(HTML, new MediaType().schema(text().description("A page to read and to print")));
            }
            case "export" -> content.addMediaType(NDJSON,
                    new MediaType().schema(text().description("One CloudEvent a line")));
            case "event" -> content.addMediaType(CLOUD_EVENT, new MediaType().schema(reference("CloudEvent")));
            case "dossier" -> {
                content.addMediaType(JSON, new MediaType().schema(reference("DossierAnswer")));
                content.addMediaType("text/html", new MediaType().schema(text().description("A page to print")));
            }
            default -> generated.forEach((type, body) -> content.addMediaType(type.equals("*/*") ? JSON : type, body));
        }
        content.values().iterator().next().setExamples(examples);
        return content;
    }

    private static void rows(Content content, String page, String row) {
        content.addMediaType(JSON, new MediaType().schema(reference(page)));
        content.addMediaType(NDJSON, new MediaType()
                .schema(text().description("One " + row + " a line: without a limit all of them")));
        content.addMediaType(CSV, new MediaType()
                .schema(text().description("One " + row + " a row (RFC 4180): without a limit all of them")));
    }

    private static ApiResponse answer(Call call, int status, Content content) {
        ApiResponse answer = new ApiResponse().content(content).description(switch (status) {
            case 201 -> "Recorded, and seen by every read";
            case 202 -> call.writes() ? "Recorded; reads see it a moment later" : "Begun; Location tells how it stands";
            default -> call.id().equals("importSnapshot") ? "What would be recorded" : "The answer";
        });
        if (MEMENTOS.contains(call.id())) {
            answer.addHeaderObject("Memento-Datetime",
                    new Header().description("When the last event known was recorded").schema(text()));
        }
        if (status != 200 && List.of("registerList", "recordAction").contains(call.id())) {
            answer.addHeaderObject("Location", new Header().description("Where it is").schema(text()))
                    .addHeaderObject("ETag", new Header().description("Its sequence").schema(text()));
        }
        return answer;
    }

    /** One response for each status, with an example for each code. */
    private static Map<String, ApiResponse> problems(Call call) {
        Map<Integer, List<Problem.Kind>> byStatus = new TreeMap<>();
        call.refusals().forEach(kind -> byStatus.computeIfAbsent(kind.status(), status -> new ArrayList<>()).add(kind));
        Map<String, ApiResponse> responses = new LinkedHashMap<>();
        byStatus.forEach((status, kinds) -> {
            Map<String, Example> examples = new LinkedHashMap<>();
            kinds.forEach(kind -> examples.put(kind.code(),
                    new Example().summary(kind.title()).value(Map.of("type", "/problems/" + kind.code(), "title",
                            kind.title(), "status", kind.status(), "detail", kind.meaning(), "code", kind.code()))));
            responses.put(status.toString(), new ApiResponse()
                    .description(String.join(", ", kinds.stream().map(Problem.Kind::code).toList()))
                    .content(new Content().addMediaType(PROBLEM,
                            new MediaType().schema(reference("Problem")).examples(examples))));
        });
        return responses;
    }

    // ---- schemas that no signature names ----

    private static void addSchemas(OpenAPI described) {
        Map<String, Schema<?>> schemas = new TreeMap<>();
        described.getComponents().getSchemas().forEach((name, schema) -> schemas.put(name, schema));
        List<Class<?>> commands = records(Command.class);
        List<Class<?>> events = records(LedgerEvent.class);
        Stream.of(commands, events, List.<Class<?>>of(Problem.class, NoticeDemand.class, CitationBackfill.Files.class))
                .flatMap(List::stream)
                .forEach(type -> ModelConverters
                        .getInstance(true).readAll(new AnnotatedType(type))
                        .forEach((name, schema) -> schemas.put(name, schema)));
        commands.forEach(type -> schemas.put(type.getSimpleName(), command(type, schemas)));
        events.forEach(type -> schemas.put(type.getSimpleName(), ownFields(type, schemas)));
        schemas.put("Command", oneOf(commands).discriminator(new Discriminator().propertyName("action")));
        schemas.put("EntityEvent", oneOf(records(EntityEvent.class)));
        schemas.put("CloudEvent", cloudEvent(events));
        schemas.keySet().removeIf(name -> name.startsWith("Rows"));
        schemas.keySet()
                .removeAll(List.of("ListingAction", "ListingCommand", "EntityCommand", "LedgerEvent", "ListEvent",
                        "CommitmentCommand", "CommitmentEvent", "LinkCommand", "LinkEvent",
                        "JsonNode"));
        Schema<?> replacement = oneOf(records(Command.ListingCommand.class))
                .discriminator(new Discriminator().propertyName("action"));
        property(schemas, "CorrectAction", "replacement", replacement);
        property(schemas, "ActionCorrected", "replacement",
                oneOf(records(ListingAction.class))
                        .description("The complete right content; its field 'type' names the kind of action"));
        property(schemas, "HistoryItem", "event",
                oneOf(Stream.concat(records(EntityEvent.class).stream(), Stream.of(StatementRecorded.class)).toList()));
        property(schemas, "ChronologyItem", "event",
                oneOf(Stream.of(records(ListingAction.class), records(CommitmentEvent.class),
                        List.<Class<?>>of(StatementRecorded.class, NoticeRecorded.class)).flatMap(List::stream)
                        .toList()));
        property(schemas, "CitingAction", "event", oneOf(records(EntityEvent.class)));
        property(schemas, "NoticeDemand", "actions", array(reference("Command")).description(
                "Actions on listings; their circumstances have this notice, which may be left out there"));
        property(schemas, "FieldChange", "before", new Schema<>().description("Any JSON value"));
        property(schemas, "FieldChange", "after", new Schema<>().description("Any JSON value"));
        described.getComponents().setSchemas(new LinkedHashMap<>(schemas));
    }

    private static void property(Map<String, Schema<?>> schemas, String schema, String property, Schema<?> value) {
        Schema<?> owner = schemas.get(schema);
        if (owner == null) {
            throw new IllegalStateException("no schema " + schema);
        }
        owner.getProperties().put(property, value);
    }

    /** The records a sealed interface permits, however deep. */
    private static List<Class<?>> records(Class<?> sealed) {
        return Stream.of(sealed.getPermittedSubclasses())
                .flatMap(type -> type.isRecord() ? Stream.<Class<?>>of(type) : records(type).stream())
                .toList();
    }

    private static Schema<?> command(Class<?> type, Map<String, Schema<?>> schemas) {
        Schema<?> schema = ownFields(type, schemas);
        Map<String, Schema<?>> properties = new LinkedHashMap<>();
        properties.put("action", new Schema<>().types(Set.of("string"))._const(type.getSimpleName()));
        schema.getProperties().forEach((name, property) -> properties.put(name, property));
        schema.setProperties(new LinkedHashMap<>(properties));
        schema.addRequiredItem("action");
        return schema;
    }

    /** A record's own fields, also where the generator describes it as an extension of its interface. */
    private static Schema<?> ownFields(Class<?> type, Map<String, Schema<?>> schemas) {
        Schema<?> schema = schemas.get(type.getSimpleName());
        if (schema == null) {
            throw new IllegalStateException("no schema " + type.getSimpleName());
        }
        Schema<?> own = schema.getAllOf() == null || schema.getAllOf().isEmpty()
                ? schema
                : schema.getAllOf().get(schema.getAllOf().size() - 1);
        Fields.describe(type, own);
        return own;
    }

    private static Schema<?> oneOf(List<Class<?>> types) {
        Schema<Object> schema = new Schema<>();
        types.forEach(type -> schema.addOneOfItem(reference(type.getSimpleName())));
        return schema;
    }

    private static Schema<?> cloudEvent(List<Class<?>> events) {
        Schema<Object> event = new Schema<>();
        event.setTypes(Set.of("object"));
        event.setDescription("A CloudEvent 1.0 in canonical JSON (RFC 8785)");
        event.addProperty("specversion", text()._const("1.0"));
        event.addProperty("id", text().format("uuid").description("The action's identifier"));
        event.addProperty("source", text().format("uri").description("The ledger"));
        event.addProperty("type", text().description("The kind of event"));
        event.addProperty("subject",
                text().description(
                        "entity/<entityId>, list/<listId>, commitment/<commitmentId>, notice/<noticeId> or link/<entityId>/<entityId>"));
        event.addProperty("time", text().format("date-time").description("recordedAt"));
        event.addProperty("datacontenttype", text());
        event.addProperty("position", text().pattern("[0-9]{12}").description("Place in the ledger"));
        event.addProperty("sequence", text().pattern("[0-9]{12}").description("Place in the stream"));
        event.addProperty("revision",
                new Schema<>().types(Set.of("integer")).description("The version of the shape of data"));
        event.addProperty("actor", text().description("Who is answerable for it"));
        event.addProperty("effectivedate", text().format("date").description("The effective date, where it has one"));
        event.addProperty("idempotencykey", text().description("The key of the write, with its actor"));
        event.addProperty("requesthash", text().description("SHA-256 over the request"));
        event.addProperty("correlationid", text().description("Ties events together"));
        event.addProperty("data", oneOf(events).description("The shape is told by type and revision"));
        event.setRequired(List.of("specversion", "id", "source", "type", "subject", "time", "datacontenttype",
                "position", "sequence", "revision", "actor", "data"));
        return event;
    }

    private static Schema<?> array(Schema<?> items) {
        Schema<Object> array = new Schema<>();
        array.setTypes(Set.of("array"));
        array.setItems(items);
        return array;
    }

    private static Schema<?> reference(String name) {
        return new Schema<>().$ref("#/components/schemas/" + name);
    }

    private static Schema<?> text() {
        return new Schema<>().types(Set.of("string"));
    }
}
