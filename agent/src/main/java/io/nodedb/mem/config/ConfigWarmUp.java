package io.nodedb.mem.config;

import com.typesafe.config.ConfigFactory;
import java.util.Map;

/** Loads and initializes what {@link Settings#load} will need and no class of the API. */
public final class ConfigWarmUp {
  private ConfigWarmUp() {}

  /** Runs it. */
  public static void run() {
    ConfigFactory.parseMap(Map.of("size", "1KiB"), "warm-up")
        .withFallback(ConfigFactory.empty())
        .root()
        .unwrapped();
    Sizes.parse("1KiB");
  }
}
