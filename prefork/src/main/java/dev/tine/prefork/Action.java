package dev.tine.prefork;

import dev.tine.fork.Signal;
import java.time.Duration;

/** Something the monitor has to do. */
sealed interface Action {
  record Log(System.Logger.Level level, String text) implements Action {}

  /** Fork worker {@code id} from the mold of this generation, which is made first if need be. */
  record Fork(int id, int generation) implements Action {}

  record SignalWorkers(Signal signal) implements Action {}

  record Schedule(Duration delay, Event event) implements Action {}

  record End(Outcome outcome) implements Action {}
}
