package io.nodedb.mem.overflow;

import io.nodedb.mem.OverflowOptions.Durability;
import io.nodedb.mem.OverflowRegion;
import java.io.FileOutputStream;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Writes and frees until it is killed. Says what it is about to do ({@code w number} or {@code f
 * number}) and what was acknowledged ({@code W number slot} or {@code F number}), one line each.
 */
final class CrashWriter implements Runnable {
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private final OverflowRegion region;
  private final Random random;
  private final long first;
  private final List<long[]> mine = new ArrayList<>();

  private CrashWriter(OverflowRegion region, Random random, long first) {
    this.region = region;
    this.random = random;
    this.first = first;
  }

  /** Arguments: directory, policy, threads, seed, first number. */
  public static void main(String[] args) throws Exception {
    Path dir = Path.of(args[0]);
    int threads = Integer.parseInt(args[2]);
    long seed = Long.parseLong(args[3]);
    long first = Long.parseLong(args[4]);
    OverflowRegion region =
        Store.open(
            dir,
            Store.small()
                .withSize(64 << 10, 16 << 20)
                .withDurability(Durability.valueOf(args[1]))
                .withCommitWindow(Duration.ofMillis(2))
                .withCheckpoints(4096, Duration.ofDays(1), 2),
            Store.manager());
    for (int i = 0; i < threads; i++) {
      new Thread(new CrashWriter(region, new Random(seed + i), first + i * 1_000_000L)).start();
    }
  }

  @Override
  public void run() {
    for (long number = first; ; number++) {
      if (mine.size() > 20 && random.nextInt(5) < 3 || mine.size() > 200) {
        long[] victim = mine.remove(random.nextInt(mine.size()));
        say("f " + victim[0]);
        region.free(victim[1]);
        say("F " + victim[0]);
      } else {
        say("w " + number);
        long slot = region.write(payload(number), "engine" + number % 3);
        say("W " + number + " " + slot);
        mine.add(new long[] {number, slot});
      }
    }
  }

  private static void say(String line) {
    try {
      OUT.write((line + " .\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      Runtime.getRuntime().halt(3); // the parent is gone
    }
  }

  /** Begins with its number; the number says all the rest. */
  static byte[] payload(long number) {
    byte[] bytes = Store.payload(number, 8 + (int) (number * 31 % 3000));
    ByteBuffer.wrap(bytes).putLong(0, number);
    return bytes;
  }
}
