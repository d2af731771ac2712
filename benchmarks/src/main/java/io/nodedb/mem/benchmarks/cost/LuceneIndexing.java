package io.nodedb.mem.benchmarks.cost;

import io.nodedb.mem.sample.data.Corpus;
import java.io.IOException;
import java.util.List;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.store.ByteBuffersDirectory;

/** An index of speeches held in the European Parliament, built anew each time, on the heap. */
final class LuceneIndexing {
  private static final int DOCUMENTS = 80;
  private static final int SEGMENT = 20;

  private final Corpus corpus;

  LuceneIndexing() throws IOException {
    corpus = Corpus.load(DOCUMENTS);
  }

  List<Operation> operations() {
    return List.of(new Operation("Lucene indexing", this::index));
  }

  /** Four segments and their merge, on the calling thread. */
  private long index() throws IOException {
    try (ByteBuffersDirectory directory = new ByteBuffersDirectory();
        StandardAnalyzer analyzer = new StandardAnalyzer();
        IndexWriter writer =
            new IndexWriter(
                directory,
                new IndexWriterConfig(analyzer)
                    .setMergeScheduler(new SerialMergeScheduler())
                    .setMaxBufferedDocs(SEGMENT))) {
      for (int i = 0; i < corpus.size(); i++) {
        Document document = new Document();
        document.add(new TextField("text", corpus.text(i), Field.Store.YES));
        writer.addDocument(document);
      }
      writer.forceMerge(1);
      writer.commit();
      return writer.getDocStats().numDocs;
    }
  }
}
