#pragma once
// Which files an LDBC Graphalytics graph is made of, and what its .properties say.
//
// NAME.v and NAME.e, each perhaps with .gz or .zst. A NAME.properties beside them is believed: names of other files
// (relative to its folder), whether the graph is directed, whether edges have weights, how many vertices and edges there
// are.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gasket::text {

struct LdbcFiles {
  std::string vertices, edges;
  std::string properties;  // empty when there is none
  std::optional<bool> directed;
  std::optional<bool> weighted;
  std::optional<std::uint64_t> vertex_count, edge_count;
  std::uint64_t vertex_count_line = 0, edge_count_line = 0;  // in the properties
};

/// NAME of `path`: without .v, .e or .properties, and their compression.
std::string ldbc_name(const std::string& path);
/// Whether the path says that it is one: NAME.v, NAME.properties, or NAME or NAME.e with both files beside.
bool names_ldbc(const std::string& path);
/// Throws InputError for a missing file, with file and line for properties that say something impossible.
LdbcFiles find_ldbc(const std::string& path);
/// The files that are there.
std::vector<std::string> ldbc_files_there(const std::string& path);

}  // namespace gasket::text
