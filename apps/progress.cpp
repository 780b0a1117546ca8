#include "apps/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace gasket {

Progress::Progress(ProgressMode mode, int rank) : terminal_(isatty(STDERR_FILENO) != 0) {
  enabled_ = rank == 0 && (mode == ProgressMode::always || (mode == ProgressMode::automatic && terminal_));
}

void Progress::stage(std::string_view name) {
  if (!enabled_) return;
  finish();
  stage_ = name;
  show(stage_);
}

void Progress::update(const std::string& text) {
  if (!enabled_) return;
  const auto pause = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(2000);
  if (Clock::now() - shown_ < pause) return;
  show(stage_.empty() ? text : stage_ + ": " + text);
}

void Progress::show(const std::string& line) {
  shown_ = Clock::now();
  const double seconds = std::chrono::duration<double>(shown_ - start_).count();
  if (terminal_) {
    fmt::print(stderr, "\r\033[K[{:6.1f} s] {}", seconds, line);
    open_line_ = true;
  } else {
    fmt::print(stderr, "[{:6.1f} s] {}\n", seconds, line);
  }
  std::fflush(stderr);
}

void Progress::finish() {
  if (open_line_) fmt::print(stderr, "\n");
  open_line_ = false;
}

}  // namespace gasket
