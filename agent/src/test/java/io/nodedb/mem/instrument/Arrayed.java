package io.nodedb.mem.instrument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;

/** Allocates arrays in every way, and loops. Scoped and gated by rule. */
public class Arrayed {
  public Object primitives(int n) {
    return List.of(
        new byte[n], new char[n], new int[n], new long[n], new boolean[n], new double[n]);
  }

  public Object references(int n) {
    return new Object[] {new String[n], new int[n][]};
  }

  public Object rectangular(int a, int b) {
    return List.of(new int[a][b], new long[a][b][2], new String[a][b], new byte[a][b][]);
  }

  public Object copies(int n) {
    Object[] texts = {"a", "b"};
    return List.of(
        Arrays.copyOf(new byte[1], n),
        Arrays.copyOf(new long[1], n),
        Arrays.copyOf(texts, n + 1),
        Arrays.copyOf(texts, n + 2, String[].class),
        Arrays.copyOfRange(new int[n], 1, n),
        Arrays.copyOfRange(texts, 1, n, Object[].class));
  }

  public Object clones(int[] ints, Object[][] nested) {
    return List.of(ints.clone(), nested.clone());
  }

  public Object objects(int n) {
    List<Object> made = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      made.add(new StringBuilder());
    }
    return made;
  }

  public int calls(int n) {
    int sum = 0;
    do {
      sum += Integer.toString(sum).length();
    } while (sum < n);
    return sum;
  }

  public int callsThatPoll(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Math.floorMod(sum, 7) + allocating(i % 2 == 0);
    }
    return sum;
  }

  public int checked(int n) {
    assert Integer.toString(n).length() < 5 : "long: " + n;
    if (n < 0) {
      String number = Integer.toString(n);
      throw new IllegalArgumentException("negative: " + number);
    }
    return n;
  }

  public int checkedAtLength(int n) {
    if (n < 0) {
      throw new IllegalStateException(n < -5 ? Integer.toString(n) : "little: " + n);
    }
    return n;
  }

  public int madeEarly(int n) {
    var made = new IllegalStateException("early");
    int sum = 0;
    do {
      sum += Integer.toString(sum).length();
    } while (sum < n);
    if (sum == Integer.MAX_VALUE) {
      throw made;
    }
    return sum;
  }

  public Object looksUp(HashMap<String, Integer> map) {
    return map.containsKey("a") ? map.get("a") : map;
  }

  public Object mayMakeWhatItIsAskedFor(Map<String, Integer> map) {
    return map.get("a");
  }

  public int locked(Lock lock) {
    lock.lock();
    try {
      return 1;
    } finally {
      lock.unlock();
    }
  }

  private static int allocating(boolean really) {
    return really ? new StringBuilder().length() : 0;
  }

  public int arithmetic(int[] values) {
    int sum = 0;
    for (int value : values) {
      sum += value * 31;
    }
    return sum;
  }

  public int negative(int n) {
    try {
      return new int[n][n].length;
    } catch (NegativeArraySizeException e) {
      return -1;
    }
  }
}
