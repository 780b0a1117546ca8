#include "partition/memory.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace gasket {
namespace {

constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();

// The number in a file that holds nothing else; "max" and a missing file are unknown.
std::uint64_t number_in(const char* path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  return file >> number ? number : kUnknown;
}

std::uint64_t kernel_available() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  for (std::uint64_t kib = 0; file >> name >> kib; std::getline(file, unit))
    if (name == "MemAvailable:") return kib * 1024;
  return kUnknown;
}

}  // namespace

std::uint64_t available_memory() {
  const std::uint64_t limit = number_in("/sys/fs/cgroup/memory.max"), used = number_in("/sys/fs/cgroup/memory.current");
  const std::uint64_t group = limit == kUnknown || used == kUnknown ? kUnknown : limit - std::min(limit, used);
  return std::min(kernel_available(), group);
}

}  // namespace gasket
