package io.nodedb.mem.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.File;
import java.net.URL;

/** Includes other files, which must be there: HOCON itself would ignore those that are not. */
final class Includes 
    implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
  private final String file;

  /**
   * Makes one.
   *
   * @param file what complaints call the file that includes others
   */
  Includes(String file) {
    this.file = file;
  }

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this;
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    return context.relativeTo(what).parse(strict(context));
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    return ConfigFactory.parseFile(what, strict(context)).root();
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    throw refused("url(" + what + ")");
  }

  @Override
  public ConfigObject includeResources(ConfigIncludeContext context, String what) {
    throw refused("classpath(" + what + ")");
  }

  private ConfigException refused(String what) {
    return ConfigException.of(
        file, "include", what, "only files are included", "write include \"other.conf\"");
  }

  private ConfigParseOptions strict(ConfigIncludeContext context) {
    return context
        .parseOptions()
        .setSyntax(ConfigSyntax.CONF)
        .setOriginDescription(null)
        .setAllowMissing(false)
        .setIncluder(this);
  }
}
