#pragma once
// A .gsk file, read by position. Every byte handed out has been checked, in blocks of 1 MiB: read into place, checksum
// and range check while the block is in the cache.

#include <span>
#include <string>

#include "partition/big_array.hpp"
#include "partition/graph/name_list.hpp"
#include "partition/io/gsk/header.hpp"
#include "partition/io/text/input_file.hpp"

namespace gasket {

class GskFile {
 public:
  /// Reads the header and the checksums (8 bytes per MiB). Throws InputError, beginning with the path, when it is no
  /// readable .gsk file, is of another version, damaged, truncated or extended.
  explicit GskFile(const std::string& path);

  const std::string& path() const { return file_.path(); }
  const GskFacts& facts() const { return header_.facts; }
  /// Undirected: each edge once.
  EdgeCount edges() const { return header_.edges; }
  /// 4 or 8: the width of a column.
  std::uint64_t index_bytes() const { return layout_.index_bytes; }
  /// Arcs in a block of the columns: ranges cut at its multiples are read without reading anything twice.
  std::uint64_t block_arcs() const { return gsk::kBlockBytes / layout_.index_bytes; }

  /// Throws InputError: the path and what is wrong in the file.
  [[noreturn]] void fail_damaged(const std::string& what) const;

  /// How a read runs: on all workers, or, in a loop that already does, on the calling one.
  enum class Run { parallel, here };

  // Fill the span with entries first, first + 1, ... of a section (which must have them). A rank that holds the whole
  // graph reads straight into its rows. All throw InputError with the path: a block without the checksum it was written
  // with, or content that is not a graph (offsets, ids or names that do not ascend, a column without a vertex).

  /// Names of the vertices; only when not facts().dense_ids.
  void read_ids(std::uint64_t first, std::span<ExternalId> ids, Run run = Run::parallel) const;
  /// The vertex of each row; only when facts().by_degree. The span's type must fit index_bytes(). Whether every vertex
  /// has a row is for the caller to see.
  void read_order(std::uint64_t first, std::span<std::uint32_t> order, Run run = Run::parallel) const;
  void read_order(std::uint64_t first, std::span<std::uint64_t> order, Run run = Run::parallel) const;
  /// vertices + 1 entries in all.
  void read_offsets(std::uint64_t first, std::span<EdgeCount> offsets, Run run = Run::parallel) const;
  /// The span's type must fit index_bytes().
  void read_columns(EdgeCount first, std::span<std::uint32_t> columns, Run run = Run::parallel) const;
  void read_columns(EdgeCount first, std::span<std::uint64_t> columns, Run run = Run::parallel) const;
  /// Only when facts().weighted. Bit for bit as written.
  void read_weights(EdgeCount first, std::span<double> weights, Run run = Run::parallel) const;
  /// The names of vertices first .. first + count - 1, ascending; only when facts().named.
  NameList read_names(std::uint64_t first, std::uint64_t count) const;

  /// The row that holds an arc. O(log vertices), reads a few blocks.
  std::uint64_t row_of(EdgeCount arc) const;

 private:
  struct Checks;
  template <class T, class Sound>
  void read(gsk::Section section, std::uint64_t first, std::span<T> values, Run run, const Sound& sound,
            const char* unsound) const;
  template <class T>
  void read_vertices(gsk::Section section, std::uint64_t first, std::span<T> vertices, Run run,
                     const char* unsound) const;

  text::InputFile file_;
  gsk::Header header_;
  gsk::Layout layout_;
  BigArray<std::uint64_t> checksums_;
};

}  // namespace gasket
