package io.nodedb.mem.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.NativeAllocator;
import io.nodedb.mem.OverflowException;
import io.nodedb.mem.blocks.SpillablePieces.Piece;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A store that fails half-way costs neither bytes nor memory. */
class SpillablePiecesTest {
  private final Memory memory = new Memory();
  private final Damaged store = new Damaged();
  private final SpillablePieces pieces = new SpillablePieces("test", memory, store, 1);

  @Test
  void pieceThatCannotBeReadBackStaysInTheStore() {
    Piece piece = pieces.allocate(3);
    pieces.data(piece).set(ValueLayout.JAVA_BYTE, 2, (byte) 7);
    assertThat(pieces.spill(piece)).isEqualTo(3);
    assertThat(memory.live).isEmpty();
    store.refuses = true;
    assertThatThrownBy(() -> pieces.restore(piece, 3)).isInstanceOf(OverflowException.class);
    assertThat(memory.live).isEmpty();
    assertThat(piece.isInMemory()).isFalse();
    store.refuses = false;
    pieces.restore(piece, 3);
    assertThat(pieces.data(piece).get(ValueLayout.JAVA_BYTE, 2)).isEqualTo((byte) 7);
    pieces.free(piece);
    assertThat(memory.live).isEmpty();
  }

  @Test
  void memoryGoesBackWhateverTheStoreSaysAtTheEnd() {
    Piece spilled = pieces.allocate(3);
    pieces.spill(spilled);
    pieces.allocate(5);
    store.refuses = true;
    assertThatThrownBy(() -> pieces.close(() -> {}, () -> pieces.free(spilled)))
        .isInstanceOf(OverflowException.class);
    assertThat(memory.closed).isTrue();
    assertThatThrownBy(pieces::requireOpen).isInstanceOf(IllegalStateException.class);
  }

  /** Knows what was not freed. */
  private static final class Memory implements NativeAllocator {
    private final Arena arena = Arena.ofAuto();
    final Set<Long> live = new HashSet<>();
    boolean closed;

    @Override
    public String engine() {
      return "query";
    }

    @Override
    public MemorySegment allocate(long bytes, long alignment) {
      MemorySegment block = arena.allocate(bytes, alignment);
      live.add(block.address());
      return block;
    }

    @Override
    public void free(MemorySegment block) {
      assertThat(live.remove(block.address())).isTrue();
    }

    @Override
    public long allocated() {
      return live.size();
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  /** Keeps one piece, and refuses when told to. */
  private static final class Damaged implements SpillStore {
    private MemorySegment kept;
    boolean refuses;

    @Override
    public long write(MemorySegment bytes) {
      kept = Arena.ofAuto().allocate(bytes.byteSize()).copyFrom(bytes);
      return 1;
    }

    @Override
    public void read(long slot, long offset, MemorySegment into) {
      refuse();
      into.copyFrom(kept.asSlice(offset, into.byteSize()));
    }

    @Override
    public void free(long slot) {
      refuse();
    }

    @Override
    public void close() {}

    private void refuse() {
      if (refuses) {
        throw new OverflowException("damaged");
      }
    }
  }
}
