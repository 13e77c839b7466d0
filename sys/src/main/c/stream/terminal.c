/* Pseudo-terminals, pty(7). */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>

#include "raw.h"
#include "tine.h"

int tine_terminal(struct tine_terminal *terminal, int rows, int columns) {
  terminal->user_fd = terminal->program_fd = -1;
  long user = raw4(SYS_openat, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
  if (user < 0) return (int)user;
  int unlocked = 0;
  long error = raw3(SYS_ioctl, user, TIOCSPTLCK, &unlocked);
  /* The other end by the end we have, not by its name: /dev/pts may be another instance than that of /dev/ptmx. */
  long program = error < 0 ? error : raw3(SYS_ioctl, user, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  error = program < 0 ? program : tine_terminal_resize((int)user, rows, columns);
  if (error < 0) {
    if (program >= 0) raw1(SYS_close, program);
    raw1(SYS_close, user);
    return (int)error;
  }
  terminal->user_fd = (int32_t)user;
  terminal->program_fd = (int32_t)program;
  return 0;
}

int tine_terminal_resize(int user_fd, int rows, int columns) {
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  return (int)raw3(SYS_ioctl, user_fd, TIOCSWINSZ, &size);
}

int tine_terminal_mode(int fd, int mode) {
  struct termios settings;
  if (tcgetattr(fd, &settings) < 0) return -errno;
  if (mode == TINE_TERMINAL_RAW) {
    cfmakeraw(&settings);
  } else {
    settings.c_iflag |= BRKINT | ICRNL | IXON;
    settings.c_oflag |= OPOST | ONLCR;
    settings.c_lflag |= ISIG | ICANON | IEXTEN;
    if (mode == TINE_TERMINAL_COOKED) settings.c_lflag |= ECHO | ECHOE | ECHOK;
    else settings.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
  }
  return tcsetattr(fd, TCSANOW, &settings) < 0 ? -errno : 0;
}
