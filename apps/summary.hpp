#pragma once
// Where a command prints what it found: standard output, or standard error when the results themselves go to standard
// output.

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace gasket {

inline std::FILE* summary_stream = stdout;

template <class... Arguments>
void print_summary(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::print(summary_stream, format, std::forward<Arguments>(arguments)...);
}

/// "1 vertex", "2 vertices": the word after a number.
constexpr const char* plural(std::uint64_t count, const char* one, const char* many) { return count == 1 ? one : many; }

}  // namespace gasket
