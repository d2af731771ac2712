package io.nodedb.mem.jmx;

import io.nodedb.mem.PressureTransition;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.MBeanNotificationInfo;
import javax.management.Notification;
import javax.management.NotificationBroadcasterSupport;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;

/** One bean's notifications. */
final class PressureNotifications extends NotificationBroadcasterSupport {
  static final String TYPE = "io.nodedb.mem.pressure";

  private static final String[] ITEMS = {"engine", "from", "to", "used", "limit", "cause"};
  private static final CompositeType DATA = data();

  private final ObjectName source;
  private final AtomicLong sequence = new AtomicLong();

  PressureNotifications(ObjectName source) {
    super(
        new MBeanNotificationInfo(
            new String[] {TYPE},
            Notification.class.getName(),
            "The pressure level changed; user data: engine (empty for the process), from, to,"
                + " used, limit (bytes), cause"));
    this.source = source;
  }

  /** Sends one, on the caller's thread. */
  void send(PressureTransition transition) {
    Notification notification =
        new Notification(TYPE, source, sequence.incrementAndGet(), message(transition));
    notification.setUserData(userData(transition));
    sendNotification(notification);
  }

  private static String message(PressureTransition t) {
    return t.engine().map(name -> "engine '" + name + "': ").orElse("process: ")
        + t.from() + " -> " + t.to() + ", " + t.used() + " of " + t.limit() + " bytes used";
  }

  private static CompositeData userData(PressureTransition t) {
    Object[] values = {
      t.engine().orElse(""), t.from().name(), t.to().name(), t.used(), t.limit(), t.cause()
    };
    try {
      return new CompositeDataSupport(DATA, ITEMS, values);
    } catch (OpenDataException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CompositeType data() {
    String[] descriptions = {
      "the engine, empty for the process", "level before", "level after", "bytes in use",
      "the engine's limit or the ceiling", "what moved it"
    };
    OpenType<?>[] types = {
      SimpleType.STRING, SimpleType.STRING, SimpleType.STRING, SimpleType.LONG, SimpleType.LONG,
      SimpleType.STRING
    };
    try {
      return new CompositeType(
          "PressureTransition", "A change of pressure level", ITEMS, descriptions, types);
    } catch (OpenDataException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
