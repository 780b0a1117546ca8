#include "partition/memory.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace gasket {
namespace {

constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();

// The number in a file that holds nothing else; "max" and a missing file are unknown.
std::uint64_t number_in(const std::string& path) {
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

// What a control group uses only until somebody needs it: file pages that have not been touched lately.
std::uint64_t reclaimable(const std::string& folder) {
  std::ifstream file(folder + "/memory.stat");
  std::string name;
  for (std::uint64_t bytes = 0; file >> name >> bytes;)
    if (name == "inactive_file") return bytes;
  return 0;
}

// The least that this process' control group and those around it allow (version 2 of the interface).
std::uint64_t groups_allow() {
  std::ifstream file("/proc/self/cgroup");
  std::string line, path;
  while (std::getline(file, line))
    if (line.starts_with("0::")) path = line.substr(3);
  std::uint64_t allowed = kUnknown;
  for (;; path.resize(path.find_last_of('/'))) {
    while (path.ends_with('/')) path.pop_back();
    const std::string folder = "/sys/fs/cgroup" + path;
    const std::uint64_t limit = number_in(folder + "/memory.max"), used = number_in(folder + "/memory.current");
    if (limit != kUnknown && used != kUnknown) {
      const std::uint64_t kept = used - std::min(used, reclaimable(folder));
      allowed = std::min(allowed, limit - std::min(limit, kept));
    }
    if (path.find('/') == std::string::npos) return allowed;
  }
}

}  // namespace

std::uint64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

std::uint64_t available_memory() { return std::min(kernel_available(), groups_allow()); }

}  // namespace gasket
