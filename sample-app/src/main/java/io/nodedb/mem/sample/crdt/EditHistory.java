package io.nodedb.mem.sample.crdt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.nodedb.mem.sample.data.BadDataException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * Keystrokes of one text, in the order they were made: at a position, insert a character or delete
 * one. Immutable once read.
 *
 * <p>The file names characters by identity, as a CRDT does ("after character 17 of author A");
 * reading turns that into positions. Typing is local, so the place of a character is searched
 * outwards from the last edit.
 */
public final class EditHistory {
  private static final char DELETE = 0;

  private final int[] position;
  private final char[] inserted;

  private EditHistory(int[] position, char[] inserted) {
    this.position = position;
    this.inserted = inserted;
  }

  /**
   * How many edits there are.
   *
   * @return the number
   */
  public int size() {
    return position.length;
  }

  /**
   * Where an edit happens.
   *
   * @param edit its number, from 0
   * @return the position in the text as it is then
   */
  public int position(int edit) {
    return position[edit];
  }

  /**
   * What an edit does.
   *
   * @param edit its number, from 0
   * @return whether it deletes a character; otherwise it inserts one
   */
  public boolean isDelete(int edit) {
    return inserted[edit] == DELETE;
  }

  /**
   * What an edit inserts.
   *
   * @param edit its number, from 0
   * @return the character, if it does not delete
   */
  public char inserted(int edit) {
    return inserted[edit];
  }

  /**
   * Reads the automerge-perf format: gzipped, one JSON change a line.
   *
   * @param file the file
   * @param limit how many edits at most
   * @return the edits
   * @throws BadDataException if the file is not in that format
   * @throws IOException if it cannot be read
   */
  public static EditHistory read(Path file, int limit) throws IOException {
    Builder builder = new Builder(limit);
    JsonFactory json = new JsonFactory();
    int number = 0;
    try (BufferedReader reader = new BufferedReader(new InputStreamReader(
        new GZIPInputStream(Files.newInputStream(file), 1 << 16), StandardCharsets.UTF_8))) {
      String line;
      while (builder.size < limit && (line = reader.readLine()) != null) {
        number++;
        try (JsonParser parser = json.createParser(line)) {
          builder.add(Change.parse(parser));
        }
      }
    } catch (JsonProcessingException e) {
      throw new BadDataException(file, "line " + number + ": " + e.getOriginalMessage());
    } catch (IllegalArgumentException | java.util.zip.ZipException | java.io.EOFException e) {
      throw new BadDataException(file, "line " + number + ": " + e.getMessage());
    }
    return builder.build();
  }

  /** The fields of a change that matter; null where it has none. */
  private record Change(
      String actor, long startOp, String action, String elemId, boolean insert, String value) {

    static Change parse(JsonParser parser) throws IOException {
      Map<String, String> fields = new HashMap<>();
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          JsonToken token = parser.nextToken();
          if (name.equals("pred") || name.equals("deps")) {
            parser.skipChildren();
          } else if (token.isScalarValue()) {
            fields.put(name, parser.getText());
          }
        }
      }
      String startOp = fields.get("startOp");
      if (startOp == null || fields.get("actor") == null || fields.get("action") == null) {
        throw new IllegalArgumentException("no actor, startOp or action (expected: all three)");
      }
      return new Change(fields.get("actor"), Long.parseLong(startOp), fields.get("action"),
          fields.get("elemId"), "true".equals(fields.get("insert")), fields.get("value"));
    }
  }

  private static final class Builder {
    private static final int HEAD = -1;

    private final int[] position;
    private final char[] inserted;
    private int size;

    /** Identities by name, numbered as they come. */
    private final Map<String, Integer> identities = new HashMap<>();

    /** Identities in the order of the text, then what was to the left of those deleted. */
    private int[] text = new int[1 << 12];
    private int length;
    private final Map<Integer, Integer> leftOfDeleted = new HashMap<>();

    Builder(int limit) {
      position = new int[limit];
      inserted = new char[limit];
    }

    void add(Change change) {
      if (change.action().equals("set") && change.insert()) {
        String value = change.value();
        if (value == null || value.length() != 1 || Character.isSurrogate(value.charAt(0))) {
          throw new IllegalArgumentException("value '" + value + "' (expected: one character)");
        }
        int at = find(identity(change.elemId())) + 1;
        int id = identities.size();
        identities.put(change.startOp() + "@" + change.actor(), id);
        insert(at, id);
        record(at, value.charAt(0));
      } else if (change.action().equals("del")) {
        int id = identity(change.elemId());
        int at = find(id);
        if (at >= 0 && text[at] == id) {
          leftOfDeleted.put(id, at == 0 ? HEAD : text[at - 1]);
          System.arraycopy(text, at + 1, text, at, length - at - 1);
          length--;
          record(at, DELETE);
        }
      }
    }

    private int identity(String elemId) {
      if ("_head".equals(elemId)) {
        return HEAD;
      }
      Integer id = elemId == null ? null : identities.get(elemId);
      if (id == null) {
        throw new IllegalArgumentException(
            "elemId '" + elemId + "' (expected: a character inserted before)");
      }
      return id;
    }

    /** The position of a character, or of the nearest one to its left that still exists. */
    private int find(int wanted) {
      int id = wanted;
      while (id != HEAD && leftOfDeleted.containsKey(id)) {
        id = leftOfDeleted.get(id);
      }
      if (id == HEAD) {
        return -1;
      }
      int start = size == 0 ? 0 : position[size - 1];
      for (int distance = 0; distance <= length; distance++) {
        int right = start + distance;
        if (right < length && text[right] == id) {
          return right;
        }
        int left = start - distance;
        if (left >= 0 && left < length && text[left] == id) {
          return left;
        }
      }
      throw new IllegalStateException("character " + id + " is neither in the text nor deleted");
    }

    private void insert(int at, int id) {
      if (length == text.length) {
        text = Arrays.copyOf(text, length * 2);
      }
      System.arraycopy(text, at, text, at + 1, length - at);
      text[at] = id;
      length++;
    }

    private void record(int at, char character) {
      position[size] = at;
      inserted[size] = character;
      size++;
    }

    EditHistory build() {
      return new EditHistory(Arrays.copyOf(position, size), Arrays.copyOf(inserted, size));
    }
  }
}
