package io.nodedb.mem.jmx;

import static org.assertj.core.api.Assertions.assertThat;

import io.nodedb.mem.MapMode;
import io.nodedb.mem.Pin;
import io.nodedb.mem.mapped.AccountSource;
import io.nodedb.mem.mapped.LazyMappings;
import io.nodedb.mem.mapped.MappingManager;
import io.nodedb.mem.mapped.MappingSettings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import javax.management.Attribute;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedViewTest {
  private static final long MIB = 1 << 20;

  @TempDir Path dir;
  private final MBeanServer server = MBeanServerFactory.newMBeanServer();
  private final LazyMappings mappings =
      new LazyMappings(
          8 * MIB,
          () ->
              new MappingManager(
                  MappingSettings.DEFAULTS.withBudget(8 * MIB),
                  AccountSource.NONE,
                  System::nanoTime));

  private Map<String, Object> read(ObjectName bean) throws Exception {
    String[] names = {};
    for (MBeanAttributeInfo info : server.getMBeanInfo(bean).getAttributes()) {
      assertThat(info.getDescription()).isNotBlank().isNotEqualTo(info.getName());
      names = Arrays.copyOf(names, names.length + 1);
      names[names.length - 1] = info.getName();
    }
    Map<String, Object> read = new HashMap<>();
    for (Attribute attribute : server.getAttributes(bean, names).asList()) {
      read.put(attribute.getName(), attribute.getValue());
    }
    return read;
  }

  @Test
  void attributesShowTheWindows() throws Exception {
    ObjectName bean = new ObjectName("io.nodedb.mem:type=MappedMemory");
    Path file = dir.resolve("file");
    try (MappedView _ = new MappedView(server, mappings)) {
      assertThat(read(bean)).containsEntry("Budget", 8 * MIB).containsEntry("Windows", 0L);
      assertThat(mappings.ifStarted()).as("looking starts nothing").isEmpty();
      try (MappingManager manager = mappings.get();
          Pin pin = manager.pin(file, 0, 2 * MIB, MapMode.READ_WRITE, "query", "f")) {
        pin.segment().fill((byte) 1);
        assertThat(read(bean))
            .containsEntry("Budget", 8 * MIB)
            .containsEntry("Mapped", 2 * MIB)
            .containsEntry("Resident", 2 * MIB)
            .containsEntry("UtilizationPercent", 25.0)
            .containsEntry("Windows", 1L)
            .containsEntry("LivePins", 1L)
            .containsEntry("PinCount", 1L)
            .containsEntry("MapCount", 1L)
            .containsEntry("EvictionCount", 0L)
            .containsEntry("EvictedBytes", 0L)
            .containsEntry("RefusalCount", 0L)
            .containsEntry("OpenFiles", 1L)
            .containsEntry("Locked", 0L);
      }
    }
    assertThat(server.isRegistered(bean)).isFalse();
  }
}
