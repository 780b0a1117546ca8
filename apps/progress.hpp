#pragma once
// What a long run tells while it works, on standard error of rank 0: one line that is written anew on a terminal, plain
// lines now and then elsewhere.

#include <chrono>
#include <string>
#include <string_view>

namespace gasket {

enum class ProgressMode { automatic, always, never };

class Progress {
 public:
  /// Only rank 0 shows anything. `automatic` shows on a terminal.
  Progress(ProgressMode mode, int rank);
  ~Progress() { finish(); }

  /// A new stage of the work begins.
  void stage(std::string_view name);
  /// How far the stage has come; shown a few times a second on a terminal, every few seconds elsewhere.
  void update(const std::string& text);
  /// Ends the line; called before anything else is printed.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  void show(const std::string& line);

  bool enabled_;
  bool terminal_;
  bool open_line_ = false;
  std::string stage_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_{};
};

}  // namespace gasket
