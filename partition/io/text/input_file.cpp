#include "partition/io/text/input_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "partition/error.hpp"

namespace gasket::text {

InputFile::InputFile(std::string path, const std::string& expected) : path_(std::move(path)) {
  struct stat status {};
  if (stat(path_.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) throw InputError(fmt::format("{}: no such file", path_));
    throw InputError(fmt::format("{}: cannot be opened: {}", path_, std::strerror(errno)));
  }
  if (S_ISDIR(status.st_mode)) throw InputError(fmt::format("{}: is a directory, expected {}", path_, expected));
  if (!S_ISREG(status.st_mode))
    throw InputError(
        fmt::format("{}: is a pipe or a device, which ranks cannot share; expected a file with {}", path_, expected));
  descriptor_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) throw InputError(fmt::format("{}: cannot be opened: {}", path_, std::strerror(errno)));
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

InputFile::~InputFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::size_t InputFile::read_at(std::uint64_t offset, std::span<char> bytes) const {
  if (offset >= size_) return 0;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), size_ - offset));
  for (std::size_t done = 0; done < wanted;) {
    const ssize_t got = pread(descriptor_, bytes.data() + done, wanted - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw InputError(fmt::format("{}: cannot be read: {}", path_, std::strerror(errno)));
    if (got == 0) throw InputError(fmt::format("{}: became shorter while it was read", path_));
    done += static_cast<std::size_t>(got);
  }
  return wanted;
}

bool file_exists(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
}

}  // namespace gasket::text
