package io.nodedb.mem;

/** A registration that ends when it is closed. Closing twice does nothing. */
@FunctionalInterface
public interface Registration extends AutoCloseable {
  @Override
  void close();
}
