package io.nodedb.mem.report;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Map;
import java.util.stream.Collectors;

/** Records, maps, collections, strings, numbers and booleans as JSON. Stateless. */
final class Json {
  private Json() {}

  static String of(Object value) {
    return switch (value) {
      case null -> "null";
      case String text -> quoted(text);
      case Number number -> number.toString();
      case Boolean flag -> flag.toString();
      case Iterable<?> all -> {
        StringBuilder items = new StringBuilder();
        for (Object item : all) {
          items.append(items.isEmpty() ? "" : ",").append(of(item));
        }
        yield "[" + items + "]";
      }
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(e -> quoted(e.getKey().toString()) + ":" + of(e.getValue()))
              .collect(Collectors.joining(",", "{", "}"));
      case Record record -> ofRecord(record);
      default -> throw new IllegalArgumentException("not for JSON: " + value.getClass());
    };
  }

  private static String ofRecord(Record record) {
    StringBuilder fields = new StringBuilder();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        component.getAccessor().setAccessible(true);
        fields
            .append(fields.isEmpty() ? "" : ",")
            .append(quoted(component.getName()))
            .append(':')
            .append(of(component.getAccessor().invoke(record)));
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException(e);
      }
    }
    return "{" + fields + "}";
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        default -> {
          if (c < 0x20) {
            quoted.append(String.format("\\u%04x", (int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
