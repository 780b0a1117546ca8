#pragma once
// Where a command prints what it found: standard output, or standard error when the results themselves go to standard
// output.

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

namespace gasket {

inline std::FILE* summary_stream = stdout;

template <class... Arguments>
void print_summary(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::print(summary_stream, format, std::forward<Arguments>(arguments)...);
}

inline std::string bytes_text(double bytes) {
  const char* units[] = {"B", "KB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < std::size(units); ++unit) bytes /= 1000;
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, units[unit]);
}

/// "1 vertex", "2 vertices"; without `many` an s makes the plural.
template <std::integral Count>
std::string counted(Count count, std::string_view one, std::string_view many = {}) {
  if (count == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", count, one) : fmt::format("{} {}", count, many);
}
inline std::string counted_vertices(std::uint64_t count) { return counted(count, "vertex", "vertices"); }
inline std::string counted_edges(std::uint64_t count, bool directed) {
  return counted(count, directed ? "directed edge" : "undirected edge");
}

}  // namespace gasket
