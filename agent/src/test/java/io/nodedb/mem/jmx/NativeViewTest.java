package io.nodedb.mem.jmx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nodedb.mem.ArenaFigures;
import io.nodedb.mem.NativeSnapshot;
import io.nodedb.mem.NativeSnapshot.EngineFigures;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.management.Attribute;
import javax.management.InstanceAlreadyExistsException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The allocator's figures as a client sees them. */
class NativeViewTest {
  private static final ArenaFigures ALL = new ArenaFigures(600, 800, 1000, 2000, 200, 50, 7);
  private static final ArenaFigures QUERYS = new ArenaFigures(30, 40, 50, 60, 10, 5, 1);

  private final MBeanServer server = MBeanServerFactory.newMBeanServer();
  private final AtomicInteger readings = new AtomicInteger();
  private final AtomicInteger purges = new AtomicInteger();
  private final AtomicReference<NativeSnapshot> figures =
      new AtomicReference<>(
          new NativeSnapshot(
              "jemalloc of a test",
              true,
              false,
              ALL,
              List.of(new EngineFigures("query", 25, 5, List.of(3, 4), QUERYS))));
  private final NativeView view = open();

  private NativeView open() {
    try {
      return new NativeView(
          server,
          List.of("query", "vector"),
          () -> {
            readings.incrementAndGet();
            return figures.get();
          },
          () -> purges.incrementAndGet() > 0);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void close() {
    view.close();
  }

  private Map<String, Object> read(String name) throws Exception {
    ObjectName bean = new ObjectName(name);
    String[] names =
        Stream.of(server.getMBeanInfo(bean).getAttributes())
            .map(MBeanAttributeInfo::getName)
            .toArray(String[]::new);
    Map<String, Object> all = new TreeMap<>();
    for (Attribute each : server.getAttributes(bean, names).asList()) {
      all.put(each.getName(), each.getValue());
    }
    assertThat(all).hasSameSizeAs(names);
    return all;
  }

  @Test
  void processesFiguresAreOfOneReadingAndSayWhichAllocator() throws Exception {
    assertThat(read("io.nodedb.mem:type=NativeMemory"))
        .containsEntry("Allocator", "jemalloc of a test")
        .containsEntry("Statistics", true)
        .containsEntry("Attribution", false)
        .containsEntry("Allocated", 600L)
        .containsEntry("Active", 800L)
        .containsEntry("Resident", 1000L)
        .containsEntry("Mapped", 2000L)
        .containsEntry("Dirty", 200L)
        .containsEntry("Retained", 50L)
        .containsEntry("FragmentationPercent", 25.0);
    assertThat(readings).hasValue(1);
  }

  @Test
  void enginesFiguresAreItsOwn() throws Exception {
    assertThat(read("io.nodedb.mem:type=EngineNative,engine=query"))
        .containsEntry("Charged", 25L)
        .containsEntry("External", 5L)
        .containsEntry("Arenas", new int[] {3, 4})
        .containsEntry("Allocated", 30L)
        .containsEntry("Active", 40L)
        .containsEntry("Resident", 50L)
        .containsEntry("Mapped", 60L)
        .containsEntry("Dirty", 10L)
        .containsEntry("Retained", 5L)
        .containsEntry("FragmentationPercent", 25.0);
  }

  @Test
  void engineWithoutNativeMemoryShowsZeros() throws Exception {
    figures.set(NativeSnapshot.idle("not yet"));
    assertThat(read("io.nodedb.mem:type=EngineNative,engine=vector"))
        .containsEntry("Charged", 0L)
        .containsEntry("Arenas", new int[0])
        .containsEntry("FragmentationPercent", 0.0);
    assertThat(read("io.nodedb.mem:type=NativeMemory")).containsEntry("Allocator", "not yet");
  }

  @Test
  void purgeIsAnOperation() throws Exception {
    ObjectName bean = new ObjectName("io.nodedb.mem:type=NativeMemory");
    assertThat(server.invoke(bean, "purge", null, null)).isEqualTo(true);
    assertThat(purges).hasValue(1);
  }

  @Test
  void everythingIsDescribed() throws Exception {
    for (ObjectName name : server.queryNames(new ObjectName("io.nodedb.mem:*"), null)) {
      assertThat(Arrays.asList(server.getMBeanInfo(name).getAttributes()))
          .as(name.toString())
          .hasSizeGreaterThan(6)
          .allMatch(a -> a.getDescription().contains(" "));
    }
  }

  @Test
  void closingUnregistersAndAFailedStartLeavesNothing() throws Exception {
    Set<ObjectName> there = server.queryNames(new ObjectName("io.nodedb.mem:*"), null);
    assertThat(there).hasSize(3);
    assertThatThrownBy(
            () -> new NativeView(server, List.of("other"), figures::get, () -> false))
        .isInstanceOf(InstanceAlreadyExistsException.class);
    assertThat(server.queryNames(new ObjectName("io.nodedb.mem:*"), null)).isEqualTo(there);
    view.close();
    assertThat(server.queryNames(new ObjectName("io.nodedb.mem:*"), null)).isEmpty();
  }
}
