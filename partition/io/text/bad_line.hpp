#pragma once
// What is wrong with a line, in words. The parser knows only the place in its block; whoever gave it the block adds the
// file and the line number.

#include <cstddef>
#include <string>
#include <string_view>

#include "partition/io/text/line.hpp"

namespace gasket::text {

/// Thrown by the parser at the first bad line of a block.
struct BadLine {
  std::size_t offset;   // of the line's first byte in the block
  std::string message;  // "expected ..., found '...'"
};

/// `text` in single quotes: its first 40 or so characters, what is not printable ASCII as \xNN.
std::string shown(std::string_view text);

/// True when the beginning of `line` has control characters that no text file has.
bool looks_binary(std::string_view line);

/// Messages for a line (without its line end) that is not what the grammar says. `line` must be bad.
std::string describe_bad_edge(std::string_view line, EdgeGrammar grammar);
/// The same for a line of a vertex list.
std::string describe_bad_vertex(std::string_view line);
/// And for a line whose weight is negative where none may be.
std::string describe_negative_weight(double weight);
/// `weight` goes on to the end of the line.
std::string describe_decimal_comma(std::string_view weight);

}  // namespace gasket::text
