#pragma once
// The journal of an atom: the commands that build its part of the graph, in blocks that only ever get more.
//
//   head     48 bytes: magic, version, byte order, which graph, which atom of how many, a checksum of these
//   blocks   each a head of 32 bytes and its records, with a checksum of each
//
// A block holds records of one kind: vertices (whose home the atom is: ids), ghosts (other ends of its edges: ids) or
// edges (pairs of ids, then their weights). Ids are the input's own, because the dense numbers of a graph change when
// vertices are appended; they take 4 bytes in blocks where all fit, else 8. All numbers are little-endian. The checksum
// of a block's head also covers where it is and whose, so that blocks and files cannot be exchanged unnoticed.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "partition/atoms/index.hpp"
#include "partition/io/edge_chunk.hpp"
#include "partition/io/text/input_file.hpp"

namespace gasket {

class EdgeSource;

/// UsageError when the source calls its vertices by strings: a journal has no place for them.
void refuse_names(EdgeSource& source);

enum class RecordKind : std::uint32_t { vertices = 1, ghosts = 2, edges = 3 };

struct AtomEdge {
  std::uint64_t source = 0;
  std::uint64_t target = 0;
  double weight = 0;

  auto operator<=>(const AtomEdge&) const = default;
};

/// Makes the bytes of a journal's end, block by block.
class JournalWriter {
 public:
  using Sink = std::function<void(std::string_view)>;

  /// `facts` are those of the journal so far; without a byte yet, the head comes first. `weighted`: edges keep weights.
  JournalWriter(std::uint64_t graph, AtomId atom, AtomId atoms, bool weighted, const AtomFacts& facts, Sink sink);

  void append_ids(RecordKind kind, std::span<const ExternalId> ids);
  void append_edges(std::span<const AtomEdge> edges);
  /// Of everything so far.
  const AtomFacts& facts() const { return facts_; }

 private:
  template <class Id>
  void put_ids(RecordKind kind, std::span<const ExternalId> ids);
  template <class Id>
  void put_edges(std::span<const AtomEdge> edges);
  void put_block(RecordKind kind, bool wide, std::uint64_t count, std::string_view ids, std::string_view weights);
  void put(std::string_view bytes);

  std::uint64_t graph_;
  AtomId atom_;
  bool weighted_;
  AtomFacts facts_;
  Sink sink_;
};

/// A journal that is read. Everything handed out has been checked.
class Journal {
 public:
  struct Block {
    RecordKind kind{};
    bool wide = false;
    bool weighted = false;
    std::uint64_t count = 0;
    std::uint64_t offset = 0;  // of the records
    std::uint64_t checksum = 0;
  };

  /// Reads the heads of all blocks that the index counts, and looks at nothing behind them. Throws InputError, beginning
  /// with the path: missing, too short, damaged, another version, an atom of another graph, not what the index says.
  Journal(const std::string& folder, const AtomIndex& index, AtomId atom);

  std::span<const Block> blocks() const { return blocks_; }
  /// The records of a block of vertices or ghosts. Throws InputError when they are damaged.
  std::vector<ExternalId> read_ids(const Block& block) const;
  /// Of a block of edges; with weights where it has them.
  EdgeChunk read_edges(const Block& block) const;

 private:
  [[noreturn]] void fail(const std::string& what) const;
  void check_head(const AtomIndex& index, AtomId atom) const;
  void check_records(const Block& block, std::uint64_t found) const;

  text::InputFile file_;
  std::vector<Block> blocks_;
};

}  // namespace gasket
