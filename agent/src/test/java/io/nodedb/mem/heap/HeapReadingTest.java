package io.nodedb.mem.heap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapReadingTest {
  @Test
  void chargesUnderWayAreNoDrift() {
    assertThat(new HeapReading(100, 100, 60, 100).drift()).isZero();
    assertThat(new HeapReading(100, 100, 60, 140).drift()).isZero();
    assertThat(new HeapReading(100, 120, 110, 110).drift()).isZero();
    assertThat(new HeapReading(100, 100, 130, 150).drift()).isEqualTo(30);
    assertThat(new HeapReading(100, 100, 60, 80).drift()).isEqualTo(-20);
  }

  @Test
  void readingThatFindsLessAmissIsBelieved() {
    HeapReading amiss = new HeapReading(100, 100, 130, 150);
    HeapReading less = new HeapReading(100, 100, 90, 95);
    assertThat(amiss.orCloser(less)).isSameAs(less);
    assertThat(less.orCloser(amiss)).isSameAs(less);
  }
}
