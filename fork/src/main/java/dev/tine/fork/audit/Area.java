package dev.tine.fork.audit;

/** A part of a process that an {@link Audit} looks at. */
public enum Area {
  DESCRIPTORS,
  MAPPINGS,
  THREADS,
  GENERATORS,
  SERVICES
}
