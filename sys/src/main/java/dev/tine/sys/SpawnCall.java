package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A program to start, {@code struct tine_spawn_request}. Filled by one thread, started any number
 * of times; what is not said is as in this process, but for descriptors: the program has those that
 * are placed and no others.
 */
public final class SpawnCall {
  private static final int NEW_SESSION = 0x1;
  private static final int SET_GROUP = 0x2;
  private static final int SET_TERMINAL = 0x4;
  private static final int SET_OOM_SCORE = 0x8;
  private static final int SET_NICE = 0x10;
  private static final int SET_UID = 0x20;
  private static final int SET_GID = 0x40;
  private static final int SET_GROUPS = 0x80;
  private static final int SET_UMASK = 0x100;

  private static final MethodHandle SPAWN =
      Libtine.function("tine_spawn", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));

  // Looked up once: by name they take longer than the rest of the Java of a start.
  private static final long AT_PROGRAMS = offset("programs");
  private static final long AT_ARGUMENTS = offset("arguments");
  private static final long AT_ENVIRONMENT = offset("environment");
  private static final long AT_DIRECTORY = offset("directory");
  private static final long AT_CGROUP = offset("cgroup");
  private static final long AT_PLACEMENTS = offset("placements");
  private static final long AT_GROUPS = offset("groups");
  private static final long AT_LIMITS = offset("limits");
  private static final long AT_PLACEMENT_COUNT = offset("placement_count");
  private static final long AT_GROUP_COUNT = offset("group_count");
  private static final long AT_LIMIT_COUNT = offset("limit_count");
  private static final long AT_OPTIONS = offset("options");
  private static final long AT_KEPT_IGNORED = offset("kept_ignored");
  private static final long AT_GROUP = offset("group");
  private static final long AT_TERMINAL = offset("terminal");
  private static final long AT_DEATH_SIGNAL = offset("death_signal");
  private static final long AT_OOM_SCORE_ADJ = offset("oom_score_adj");
  private static final long AT_NICE = offset("nice");
  private static final long AT_UID = offset("uid");
  private static final long AT_GID = offset("gid");
  private static final long AT_UMASK = offset("umask");
  private static final long AT_PID_FD = Layouts.offset(Layouts.SPAWN_RESULT, "pidfd");
  private static final long AT_PHASE = Layouts.offset(Layouts.SPAWN_RESULT, "phase");
  private static final long AT_ITEM = Layouts.offset(Layouts.SPAWN_RESULT, "item");

  private final byte[] program;
  private final List<byte[]> arguments;
  private final TreeMap<Integer, Integer> sources = new TreeMap<>();
  private final List<Limit> limits = new ArrayList<>();
  private Optional<List<byte[]>> environment = Optional.empty();
  private Optional<byte[]> directory = Optional.empty();
  private Optional<byte[]> cgroup = Optional.empty();
  private int[] groups = {};
  private int options;
  private long keptIgnored;
  private int group;
  private int terminal;
  private int deathSignal;
  private int oomScore;
  private int nice;
  private int uid;
  private int gid;
  private int umask;

  private record Limit(int resource, long soft, long hard) {}

  /**
   * A program at a path, or found by its name in the PATH of the environment it will have.
   *
   * @param arguments all, that is with the name it is to have for itself; each without NUL
   */
  public SpawnCall(byte[] program, List<byte[]> arguments) {
    this.program = checked(program, "the program's name");
    this.arguments = List.copyOf(arguments);
    for (int i = 0; i < arguments.size(); i++) {
      checked(arguments.get(i), "argument " + i);
    }
  }

  /** The whole environment: {@code NAME=value} each. */
  public SpawnCall environment(List<byte[]> entries) {
    entries.forEach(entry -> checked(entry, "an entry of the environment"));
    environment = Optional.of(List.copyOf(entries));
    return this;
  }

  /** The working directory. */
  public SpawnCall directory(byte[] path) {
    directory = Optional.of(checked(path, "the directory"));
    return this;
  }

  /** Gives the program what this process has as {@code source} under the number {@code target}. */
  public SpawnCall place(int source, int target) {
    if (target < 0 || source < 0) {
      throw new IllegalArgumentException("no descriptor: " + source + " at " + target);
    }
    sources.put(target, source);
    if (sources.size() > Layouts.PLACEMENTS_MAX) {
      throw new IllegalArgumentException("more than " + Layouts.PLACEMENTS_MAX + " descriptors");
    }
    return this;
  }

  /** Begins in a control group (v2), by the path of its file cgroup.procs. */
  public SpawnCall cgroup(byte[] procs) {
    cgroup = Optional.of(checked(procs, "the control group"));
    return this;
  }

  /** A session of its own, and so a process group. */
  public SpawnCall newSession() {
    options |= NEW_SESSION;
    return this;
  }

  /** A process group by the pid of its leader; 0: one of its own. */
  public SpawnCall group(int leader) {
    options |= SET_GROUP;
    group = leader;
    return this;
  }

  /** The new session's controlling terminal, by its number in the program. */
  public SpawnCall controllingTerminal(int target) {
    options |= SET_TERMINAL;
    terminal = target;
    return this;
  }

  /**
   * A signal that the kernel sends when the <em>thread</em> that calls {@link #start()} ends, or
   * this process; a set-user-id program does not get it.
   */
  public SpawnCall deathSignal(int signal) {
    deathSignal = signal;
    return this;
  }

  /** The program's {@code oom_score_adj}: -1000 (never killed for memory) to 1000 (first). */
  public SpawnCall oomScore(int adjustment) {
    options |= SET_OOM_SCORE;
    oomScore = adjustment;
    return this;
  }

  /** -20 to 19. */
  public SpawnCall nice(int value) {
    options |= SET_NICE;
    nice = value;
    return this;
  }

  /** The real, effective and saved user. */
  public SpawnCall uid(int value) {
    options |= SET_UID;
    uid = value;
    return this;
  }

  /** The real, effective and saved group. */
  public SpawnCall gid(int value) {
    options |= SET_GID;
    gid = value;
    return this;
  }

  /** The supplementary groups. */
  public SpawnCall groups(int... values) {
    options |= SET_GROUPS;
    groups = values.clone();
    return this;
  }

  /** Permissions that new files do not get. */
  public SpawnCall umask(int value) {
    options |= SET_UMASK;
    umask = value;
    return this;
  }

  /** A resource limit by its number, RLIMIT_NOFILE for example; -1: none. */
  public SpawnCall limit(int resource, long soft, long hard) {
    limits.add(new Limit(resource, soft, hard));
    return this;
  }

  /** A signal that the program ignores if this process does: all others have their default. */
  public SpawnCall keepIgnored(int signal) {
    keptIgnored |= 1L << (signal - 1);
    return this;
  }

  /**
   * {@code tine_spawn(&request, &result)}: returns when the program runs, or does not. All signals
   * of this thread are blocked meanwhile.
   */
  public SpawnOutcome start() {
    List<byte[]> programs =
        ProgramPath.isName(program)
            ? ProgramPath.candidates(program, environment.orElseGet(Environ::entries))
            : List.of(program);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(Layouts.SPAWN_RESULT);
      int pid = (int) SPAWN.invokeExact(request(arena, programs), result);
      int item = result.get(JAVA_INT, AT_ITEM);
      if (pid > 0) {
        int pidfd = result.get(JAVA_INT, AT_PID_FD);
        return new SpawnOutcome.Started(pid, pidfd, NativeText.text(programs.get(item)));
      }
      SpawnPhase phase = SpawnPhase.of(result.get(JAVA_INT, AT_PHASE));
      return phase == SpawnPhase.EXEC
          ? new SpawnOutcome.Failed(phase, -pid, -1, NativeText.text(programs.get(item)))
          : new SpawnOutcome.Failed(phase, -pid, item, "");
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  private MemorySegment request(Arena arena, List<byte[]> programs) {
    MemorySegment request = arena.allocate(Layouts.SPAWN_REQUEST);
    pointer(request, AT_PROGRAMS, CStrings.list(arena, programs, 0));
    pointer(request, AT_ARGUMENTS, CStrings.list(arena, arguments, 1));
    environment.ifPresent(
        entries -> pointer(request, AT_ENVIRONMENT, CStrings.list(arena, entries, 0)));
    directory.ifPresent(path -> pointer(request, AT_DIRECTORY, CStrings.string(arena, path)));
    cgroup.ifPresent(path -> pointer(request, AT_CGROUP, CStrings.string(arena, path)));
    pointer(request, AT_PLACEMENTS, placements(arena));
    pointer(request, AT_GROUPS, arena.allocateFrom(JAVA_INT, groups));
    pointer(request, AT_LIMITS, limits(arena));
    number(request, AT_PLACEMENT_COUNT, sources.size());
    number(request, AT_GROUP_COUNT, groups.length);
    number(request, AT_LIMIT_COUNT, limits.size());
    number(request, AT_OPTIONS, options);
    request.set(JAVA_LONG, AT_KEPT_IGNORED, keptIgnored);
    number(request, AT_GROUP, group);
    number(request, AT_TERMINAL, terminal);
    number(request, AT_DEATH_SIGNAL, deathSignal);
    number(request, AT_OOM_SCORE_ADJ, oomScore);
    number(request, AT_NICE, nice);
    number(request, AT_UID, uid);
    number(request, AT_GID, gid);
    number(request, AT_UMASK, umask);
    return request;
  }

  private MemorySegment placements(Arena arena) {
    MemorySegment list = arena.allocate(Layouts.PLACEMENT, sources.size());
    long at = 0;
    for (var placed : sources.entrySet()) { // by ascending target, as C wants them
      list.setAtIndex(JAVA_INT, at++, placed.getValue());
      list.setAtIndex(JAVA_INT, at++, placed.getKey());
    }
    return list;
  }

  private MemorySegment limits(Arena arena) {
    MemorySegment list = arena.allocate(Layouts.LIMIT, limits.size());
    for (int i = 0; i < limits.size(); i++) {
      MemorySegment one = list.asSlice(i * Layouts.LIMIT.byteSize(), Layouts.LIMIT);
      one.set(JAVA_INT, 0, limits.get(i).resource());
      one.set(JAVA_LONG, Layouts.offset(Layouts.LIMIT, "soft"), limits.get(i).soft());
      one.set(JAVA_LONG, Layouts.offset(Layouts.LIMIT, "hard"), limits.get(i).hard());
    }
    return list;
  }

  private static void pointer(MemorySegment request, long at, MemorySegment value) {
    request.set(ADDRESS, at, value);
  }

  private static void number(MemorySegment request, long at, int value) {
    request.set(JAVA_INT, at, value);
  }

  private static long offset(String field) {
    return Layouts.offset(Layouts.SPAWN_REQUEST, field);
  }

  private static byte[] checked(byte[] bytes, String what) {
    if (CStrings.containsNul(bytes)) {
      throw new IllegalArgumentException(
          what + " has a NUL character, which ends a string: " + NativeText.text(bytes));
    }
    return bytes.clone();
  }
}
