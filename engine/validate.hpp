#pragma once
// Compares two result files by the rules of LDBC Graphalytics (Iosup et al., VLDB 2016; specification, section
// "Validation").

#include <cstdint>
#include <string>
#include <vector>

#include "partition/types.hpp"

namespace gasket {

enum class Rule {
  exact,        // integers are equal: BFS, CDLP
  epsilon,      // |expected - actual| <= epsilon * |expected|, infinity only beside infinity: PR, LCC, SSSP
  equivalence,  // the labels name the same classes, whatever they are: WCC
};

/// What vertices are called.
enum class IdKind { number, string };

struct Difference {
  ExternalId id = 0;     // of strings the position among all, ascending by bytes
  std::string expected;  // "nothing" for a vertex that only one file has
  std::string actual;
  std::string name{};  // the id as the files write it
};

struct ValidationResult {
  std::uint64_t compared = 0;     // vertices in both files
  std::uint64_t differing = 0;    // of those, and vertices that only one file has
  std::vector<Difference> first;  // the first ten, by id
  bool valid() const { return differing == 0; }
};

/// Both files hold a line `id value` per vertex, in any order, separated by blanks or commas; plain, gzip or zstd.
/// Blank lines and lines that begin with '#' are skipped. Integers are -2^63 .. 2^64-1; numbers may be inf, infinity
/// (in any case) and nan, which equals nothing. A difference of classes names the smallest vertex of the class in
/// either file. Throws InputError with file and line for a line that is not that or names a vertex again, and for a
/// file without results. Strings are whatever stands before the last word of a line, which is the value, so that they may
/// have blanks in them; no line is a comment then, and labels of classes may be any word. O(n log n) time (O(n) for ids that ascend), 16 bytes per vertex and file, for equivalence 32; strings take the
/// characters of each, and about 60 bytes beside.
ValidationResult validate_results(const std::string& expected, const std::string& actual, Rule rule,
                                  double epsilon = 1e-4, IdKind ids = IdKind::number);

}  // namespace gasket
