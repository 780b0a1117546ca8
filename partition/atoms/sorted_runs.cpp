#include "partition/atoms/sorted_runs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "partition/error.hpp"

namespace gasket {
namespace {

std::string cannot_write(const std::string& path) {
  return fmt::format("cannot write {}: {}", path, std::strerror(errno));
}

}  // namespace

RunFile::RunFile(std::string path, std::uint32_t number) : path_(std::move(path)), number_(number) {
  handle_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (handle_ >= 0) {
    unfinished_ = Unfinished(path_);
    return;
  }
  if (errno == ENOSPC || errno == EDQUOT) throw ResourceError(cannot_write(path_));
  throw InputError(cannot_write(path_));
}

RunFile::~RunFile() {
  if (handle_ >= 0) close(handle_);
  unlink(path_.c_str());
}

void RunFile::end() {
  if (close(std::exchange(handle_, -1)) != 0) throw ResourceError(cannot_write(path_));
}

void RunFile::append_bytes(std::span<const char> bytes) {
  if (bytes.empty()) return;
  std::uint64_t at = 0;
  {
    const std::lock_guard lock(guard_);
    at = std::exchange(bytes_, bytes_ + bytes.size());
    runs_.push_back({at, bytes.size(), number_});
  }
  while (!bytes.empty()) {
    const ssize_t written = pwrite(handle_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw ResourceError(cannot_write(path_));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    at += static_cast<std::uint64_t>(written);
  }
}

}  // namespace gasket
