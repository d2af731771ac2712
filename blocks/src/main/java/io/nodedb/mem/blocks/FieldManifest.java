package io.nodedb.mem.blocks;

import io.nodedb.mem.MappingException;
import io.nodedb.mem.MappingException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * The list of a directory's fields, in a text file of its own, so that they are known without
 * opening one of them. UTF-8, one line each:
 *
 * <pre>
 * nodedb-mem fields 1
 * BYTES TAB FILE TAB NAME        (for each field; FILE relative to the directory)
 * crc32c XXXXXXXX                (of all bytes before this line, hexadecimal)
 * </pre>
 *
 * <p>Replaced as a whole, by an atomic rename: a reader sees the old list or the new one.
 */
public final class FieldManifest {
  /** The file's name. */
  public static final String FILE = "fields.manifest";

  private static final String HEAD = "nodedb-mem fields 1";
  private static final String CRC = "crc32c ";

  /**
   * One field.
   *
   * @param name its name
   * @param file its file, relative to the directory and below it
   * @param bytes about what it takes when loaded
   */
  public record Entry(String name, Path file, long bytes) {
    /** Refuses what the file could not hold. */
    public Entry {
      if (bytes < 0 || bad(name) || bad(file.toString()) || outside(file)) {
        throw new IllegalArgumentException(
            "field '" + name + "', file '" + file + "', " + bytes + " bytes"
                + " (expected: a name and a relative path without tabs or line ends, 0 or more)");
      }
    }

    private static boolean bad(String text) {
      return text.isEmpty() || text.indexOf('\t') >= 0 || text.lines().count() != 1
          || text.endsWith("\n") || text.endsWith("\r");
    }

    private static boolean outside(Path file) {
      return file.isAbsolute() || file.normalize().startsWith("..");
    }
  }

  private FieldManifest() {}

  /**
   * Reads a directory's fields.
   *
   * @param directory the directory
   * @return its fields in the file's order
   * @throws MappingException if there is no manifest, or it is damaged; names file and line
   */
  public static List<Entry> read(Path directory) {
    Path file = directory.resolve(FILE);
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw failure(Reason.NO_SUCH_FILE, "read", file, "no manifest in this directory");
    } catch (IOException e) {
      throw cause(failure(Reason.IO, "read", file, e.getMessage()), e);
    }
    int last = text.lastIndexOf('\n', text.length() - 2) + 1;
    if (!text.endsWith("\n") || !text.substring(last).equals(crcLine(text.substring(0, last)))) {
      throw corrupt(file, last, "its checksum does not match: restore it");
    }
    List<String> lines = text.substring(0, last).lines().toList();
    if (lines.isEmpty() || !lines.getFirst().equals(HEAD)) {
      throw corrupt(file, 0, "expected '" + HEAD + "'");
    }
    List<Entry> entries = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int offset = HEAD.length() + 1;
    for (String line : lines.subList(1, lines.size())) {
      entries.add(entry(file, offset, line, names));
      offset += line.getBytes(StandardCharsets.UTF_8).length + 1;
    }
    return entries;
  }

  private static Entry entry(Path file, int offset, String line, Set<String> names) {
    String[] parts = line.split("\t", -1);
    try {
      if (parts.length == 3 && names.add(parts[2])) {
        return new Entry(parts[2], Path.of(parts[1]), Long.parseLong(parts[0]));
      }
    } catch (IllegalArgumentException e) {
      throw cause(corrupt(file, offset, e.getMessage()), e);
    }
    throw corrupt(file, offset, "'" + line + "' is no field, or one named before");
  }

  /**
   * Replaces a directory's list.
   *
   * @param directory the directory, existing
   * @param entries its fields, no name twice
   * @throws MappingException if it can't be written; the old list stands then
   */
  public static void write(Path directory, List<Entry> entries) {
    Path file = directory.resolve(FILE);
    Set<String> names = new HashSet<>();
    StringBuilder text = new StringBuilder(HEAD).append('\n');
    for (Entry entry : entries) {
      if (!names.add(entry.name())) {
        throw new IllegalArgumentException("field '" + entry.name() + "' is named twice");
      }
      text.append(entry.bytes()).append('\t').append(entry.file()).append('\t');
      text.append(entry.name()).append('\n');
    }
    text.append(crcLine(text.toString()));
    try {
      Path next = Files.createTempFile(
          directory,
          FILE,
          ".tmp",
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try {
        try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
          ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
          channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(next);
      }
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true); // the rename itself
      }
    } catch (IOException e) {
      throw cause(failure(Reason.IO, "write", file, String.valueOf(e.getMessage())), e);
    }
  }

  private static String crcLine(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return CRC + String.format("%08x", crc.getValue()) + "\n";
  }

  /** An exception in one line, as those of mapped files. */
  static MappingException failure(Reason reason, String doing, Object file, String what) {
    return new MappingException(reason, 0, doing + " " + file + ": " + what);
  }

  private static MappingException corrupt(Path file, int offset, String what) {
    return failure(Reason.CORRUPT, "read", file, "at offset " + offset + ": " + what);
  }

  private static MappingException cause(MappingException e, Exception cause) {
    e.initCause(cause);
    return e;
  }
}
