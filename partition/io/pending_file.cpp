#include "partition/io/pending_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "partition/error.hpp"

namespace gasket {
namespace {

std::string message(const std::string& action, const std::string& path, int error) {
  return fmt::format("cannot {} {}: {}", action, path, std::strerror(error));
}

bool out_of_space(int error) {
  return error == ENOSPC || error == EDQUOT || error == EFBIG || error == EMFILE || error == ENFILE || error == ENOMEM;
}

// A name beside `target` that no other file, rank or machine is likely to use; O_EXCL decides.
std::string temporary_name(const std::string& target) {
  static std::atomic<unsigned> counter{0};
  return fmt::format("{}.partial-{}-{}", target, getpid(), counter++);
}

}  // namespace

bool names_standard_output(std::string_view path) { return path == "-" || path == "/dev/stdout"; }

PendingFile::PendingFile(std::string path) : path_(std::move(path)), target_(path_) {
  if (path_.empty()) throw InputError("cannot write a file without a name");
  if (names_standard_output(path_)) {
    // Not opened by name: were it redirected to a file, that would begin the file anew.
    file_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    if (file_ < 0) throw InputError(message("write", path_, errno));
    return;
  }
  struct stat status {};
  const bool exists = stat(path_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) throw InputError(message("write", path_, EISDIR));
  if (exists && !S_ISREG(status.st_mode)) {
    file_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (file_ < 0) throw InputError(message("write", path_, errno));
    return;
  }
  if (exists) {
    std::error_code ignored;
    if (const auto real = std::filesystem::canonical(path_, ignored); !ignored) target_ = real.string();
  }
  for (int attempt = 0; file_ < 0 && attempt < 100; ++attempt) {
    temporary_ = temporary_name(target_);
    file_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ < 0 && errno != EEXIST) break;
  }
  if (file_ < 0) {
    const int error = errno;
    if (out_of_space(error)) throw ResourceError(message("write", path_, error));
    throw InputError(message("write", path_, error));
  }
  unfinished_ = Unfinished(temporary_);
  if (exists)
    static_cast<void>(fchmod(file_, status.st_mode & 07777));  // a wish: whoever could read the old can the new
}

PendingFile::~PendingFile() {
  if (file_ < 0) return;
  close(file_);
  if (replaces()) unlink(temporary_.c_str());
}

void PendingFile::fail(const char* action, int error) const { throw ResourceError(message(action, path_, error)); }

void PendingFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PendingFile::write_at(std::uint64_t position, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    position += static_cast<std::uint64_t>(written);
  }
}

void PendingFile::publish() {
  // Before the name changes: nothing may throw once it has.
  const std::string folder = std::filesystem::path(target_).parent_path().string();
  // Some file systems cannot sync; that is no reason to refuse them.
  if (replaces() && fsync(file_) != 0 && errno != EINVAL && errno != ENOTSUP) fail("write", errno);
  const bool closed = close(std::exchange(file_, -1)) == 0;
  if (!closed || (replaces() && rename(temporary_.c_str(), target_.c_str()) != 0)) {
    const int error = errno;
    if (replaces()) unlink(temporary_.c_str());
    if (out_of_space(error) || error == EIO) fail("finish", error);
    throw InputError(message("finish", path_, error));
  }
  if (!replaces()) return;
  // The new name itself must survive a crash too; a folder that cannot be opened or synced is left to the system.
  if (const int handle = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); handle >= 0) {
    fsync(handle);
    close(handle);
  }
}

}  // namespace gasket
