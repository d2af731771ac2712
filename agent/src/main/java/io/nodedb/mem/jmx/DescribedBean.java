package io.nodedb.mem.jmx;

import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import javax.management.AttributeList;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanFeatureInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.NotificationEmitter;
import javax.management.StandardEmitterMBean;

/**
 * An MXBean that takes its descriptions from {@link Described} on its interface, and reads attributes
 * that are asked for together from one reading, so that they add up.
 */
final class DescribedBean extends StandardEmitterMBean {
  private final Readings<?> readings;

  <T> DescribedBean(T bean, Class<T> type, NotificationEmitter emitter, Readings<?> readings) {
    super(bean, type, true, emitter);
    this.readings = readings;
  }

  @Override
  public AttributeList getAttributes(String[] names) {
    return readings.together(() -> super.getAttributes(names));
  }

  @Override
  protected String getDescription(MBeanInfo info) {
    return getMBeanInterface().getAnnotation(Described.class).value();
  }

  @Override
  protected String getDescription(MBeanAttributeInfo info) {
    return of(method("get" + info.getName()), info);
  }

  @Override
  protected String getDescription(MBeanOperationInfo info) {
    return of(method(info.getName()), info);
  }

  @Override
  protected String getDescription(
      MBeanOperationInfo operation, MBeanParameterInfo info, int sequence) {
    Parameter parameter = parameter(operation, sequence);
    return parameter == null ? info.getDescription() : parameter(parameter).value();
  }

  @Override
  protected String getParameterName(
      MBeanOperationInfo operation, MBeanParameterInfo info, int sequence) {
    Parameter parameter = parameter(operation, sequence);
    return parameter == null ? info.getName() : parameter(parameter).name();
  }

  @Override
  protected int getImpact(MBeanOperationInfo info) {
    return MBeanOperationInfo.ACTION;
  }

  private Parameter parameter(MBeanOperationInfo operation, int sequence) {
    Method method = method(operation.getName());
    return method == null ? null : method.getParameters()[sequence];
  }

  private static Described parameter(Parameter parameter) {
    return parameter.getAnnotation(Described.class);
  }

  /** No two methods of these interfaces have one name. */
  private Method method(String name) {
    for (Method method : getMBeanInterface().getMethods()) {
      if (method.getName().equals(name)) {
        return method;
      }
    }
    return null;
  }

  private static String of(Method method, MBeanFeatureInfo info) {
    return method == null
        ? info.getDescription()
        : method.getAnnotation(Described.class).value();
  }
}
