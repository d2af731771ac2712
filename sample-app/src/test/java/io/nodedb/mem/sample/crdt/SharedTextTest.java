package io.nodedb.mem.sample.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SharedTextTest {
  private final SharedText document = new SharedText();

  private String append(int side, String words) throws Exception {
    ReplicaPair pair = document.edit(1);
    pair.edit(side, editor -> editor.splice(editor.length(), 0, words));
    pair.mergeAndCompare();
    return pair.text(0);
  }

  @Test
  void savedDocumentGoesOnWhereItWas() throws Exception {
    append(0, "one ");
    append(1, "two ");
    document.save();
    assertThat(document.isOpen()).isFalse();
    assertThat(append(1, "three")).isEqualTo("one two three");
    document.save();
    document.save();
    assertThat(append(0, "!")).isEqualTo("one two three!");
    assertThat(document.edits()).isEqualTo(4);
    document.close();
  }

  @Test
  void checkOfASavedDocumentLeavesItSaved() throws Exception {
    append(0, "kept");
    document.save();
    document.check();
    document.close();
    assertThat(document.isOpen()).isFalse();
    assertThat(append(0, "")).isEqualTo("kept");
    document.close();
  }

  @Test
  void startingOverForgetsWhatWasSaved() throws Exception {
    append(0, "old");
    document.save();
    document.startOver();
    assertThat(append(1, "new")).isEqualTo("new");
    assertThat(document.edits()).isEqualTo(1);
    document.close();
  }
}
