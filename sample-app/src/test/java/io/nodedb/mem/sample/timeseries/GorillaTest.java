package io.nodedb.mem.sample.timeseries;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes in comes out, bit by bit, for every shape of series; seeds are in the messages. */
class GorillaTest {
  private static final int SERIES = 300;

  enum Shape {
    REGULAR {
      @Override
      void fill(SplittableRandom random, long[] time, double[] value) {
        for (int i = 0; i < time.length; i++) {
          time[i] = 1_700_000_000_000L + i * 10_000L;
          value[i] = Math.round(random.nextDouble() * 100) / 100.0;
        }
      }
    },
    JITTERY {
      @Override
      void fill(SplittableRandom random, long[] time, double[] value) {
        long now = 0;
        for (int i = 0; i < time.length; i++) {
          now += random.nextLong(-3_000, 3_000);
          time[i] = now;
          value[i] = i % 3 == 0 ? 5 : random.nextGaussian();
        }
      }
    },
    ANYTHING {
      @Override
      void fill(SplittableRandom random, long[] time, double[] value) {
        for (int i = 0; i < time.length; i++) {
          time[i] = random.nextLong();
          value[i] = Double.longBitsToDouble(random.nextLong());
        }
      }
    },
    EXTREME {
      private static final long[] TIMES = {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE};
      private static final long[] VALUES = {
        Double.doubleToRawLongBits(Double.NaN), 0x7ff8_0000_dead_beefL, 0xfff0_0000_0000_0001L,
        Double.doubleToRawLongBits(Double.POSITIVE_INFINITY),
        Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY), 0, Long.MIN_VALUE, 1, -1
      };

      @Override
      void fill(SplittableRandom random, long[] time, double[] value) {
        for (int i = 0; i < time.length; i++) {
          time[i] = TIMES[random.nextInt(TIMES.length)];
          value[i] = Double.longBitsToDouble(VALUES[random.nextInt(VALUES.length)]);
        }
      }
    },
    EDGES_OF_RANGES {
      private static final long[] CHANGES = {
        -2048, -2047, -256, -255, -64, -63, 0, 64, 65, 256, 257, 2048, 2049
      };

      @Override
      void fill(SplittableRandom random, long[] time, double[] value) {
        long delta = 0;
        long now = 0;
        for (int i = 0; i < time.length; i++) {
          delta += CHANGES[random.nextInt(CHANGES.length)];
          now += delta;
          time[i] = now;
          value[i] = Double.longBitsToDouble(1L << random.nextInt(64));
        }
      }
    };

    abstract void fill(SplittableRandom random, long[] time, double[] value);
  }

  @ParameterizedTest
  @EnumSource
  void everyPointComesBack(Shape shape) {
    for (int seed = 0; seed < SERIES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int points = random.nextInt(200);
      int offset = random.nextInt(8);
      long[] time = new long[points];
      double[] value = new double[points];
      shape.fill(random, time, value);
      int room = points * (GorillaEncoder.MAX_POINT_BITS + 7) / 8 + 32;
      byte[] bytes = new byte[offset + room];
      random.nextBytes(bytes); // what lies there before must not matter
      GorillaEncoder encoder = new GorillaEncoder(new BitBuffer(bytes, offset, room));
      for (int i = 0; i < points; i++) {
        assertThat(encoder.add(time[i], value[i])).isTrue();
      }
      GorillaDecoder decoder =
          new GorillaDecoder(new BitBuffer(bytes, offset, room), encoder.count());
      for (int i = 0; i < points; i++) {
        assertThat(decoder.next()).isTrue();
        assertThat(decoder.time()).as("%s, seed %d, time %d", shape, seed, i).isEqualTo(time[i]);
        assertThat(Double.doubleToRawLongBits(decoder.value()))
            .as("%s, seed %d, value %d", shape, seed, i)
            .isEqualTo(Double.doubleToRawLongBits(value[i]));
      }
      assertThat(decoder.next()).isFalse();
    }
  }

  @Test
  void fullBufferTakesNothingAndKeepsWhatItHas() {
    byte[] bytes = new byte[64];
    GorillaEncoder encoder = new GorillaEncoder(new BitBuffer(bytes, 0, 64));
    SplittableRandom random = new SplittableRandom(1);
    long last = 0;
    while (encoder.add(last + 1, random.nextDouble())) {
      last++;
    }
    byte[] before = bytes.clone();
    assertThat(encoder.add(99, 99)).isFalse();
    assertThat(bytes).isEqualTo(before);
    assertThat(encoder.count()).isEqualTo((int) last).isPositive();
    GorillaDecoder decoder = new GorillaDecoder(new BitBuffer(bytes, 0, 64), encoder.count());
    for (long time = 1; time <= last; time++) {
      assertThat(decoder.next()).isTrue();
      assertThat(decoder.time()).isEqualTo(time);
    }
  }

  @Test
  void regularSeriesOfOneValueTakesTwoBitsAPoint() {
    byte[] bytes = new byte[1024];
    BitBuffer bits = new BitBuffer(bytes, 0, bytes.length);
    GorillaEncoder encoder = new GorillaEncoder(bits);
    for (int i = 0; i < 1_000; i++) {
      encoder.add(60 * i, 42.5);
    }
    // 128 bits for the first point, 9 for the first distance, one of each pair after that
    assertThat(bits.position()).isEqualTo(128 + 9 + 1 + 998 * 2);
  }
}
