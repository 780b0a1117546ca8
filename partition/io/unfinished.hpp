#pragma once
// What is to go when the program ends before it is whole: files beside their final names, folders that are being filled.

#include <string>

namespace gasket {

/// A path that belongs to nobody else as long as this lives. Whoever makes the file or folder takes it away himself; this
/// only makes it known for the case that he does not get there.
class Unfinished {
 public:
  Unfinished() = default;
  explicit Unfinished(std::string path);
  ~Unfinished();
  Unfinished(Unfinished&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  Unfinished& operator=(Unfinished&& other) noexcept {
    path_.swap(other.path_);
    return *this;
  }

 private:
  std::string path_;
};

/// Removes all that is unfinished in this process.
void remove_unfinished();

/// From now on SIGINT, SIGTERM and SIGHUP end the process as they do anyway, after remove_unfinished(). Starts a thread that
/// waits for them. For programs, once; a signal that is ignored or handled already is left alone.
void remove_unfinished_when_interrupted();

}  // namespace gasket
