#pragma once
// Where a command prints what it found: standard output, or standard error when the results themselves go to standard
// output.

#include <fmt/format.h>

#include <cstdio>
#include <string>
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

/// "1 vertex", "2 vertices": the word after a number.
constexpr const char* plural(std::uint64_t count, const char* one, const char* many) { return count == 1 ? one : many; }

}  // namespace gasket
