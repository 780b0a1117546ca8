#include "partition/atoms/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "partition/atoms/deal.hpp"
#include "partition/atoms/journal.hpp"
#include "partition/error.hpp"
#include "partition/hash.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

class AtomSource final : public EdgeSource {
 public:
  AtomSource(const std::string& folder, Share share, bool read_weights)
      : folder_(folder), index_(read_atom_index(folder)), share_(share), read_weights_(read_weights) {
    share_out(std::vector<double>(static_cast<std::size_t>(share.ranks), 1.0));
  }

  std::string describe() const override { return folder_; }
  bool weighted() const override { return index_.weighted && read_weights_; }
  std::optional<bool> directed() const override { return index_.directed; }
  std::optional<EdgeCount> edge_count() const override { return index_.edges; }
  SourceSize estimate_size() const override {
    const auto vertices = static_cast<double>(index_.vertices);
    return {.edges = static_cast<double>(index_.edges), .vertices = vertices, .highest_id = vertices};
  }
  bool lists_vertices() const override { return true; }
  bool placed() const override { return true; }
  void share_out(std::span<const double> weights) override {
    dealt_ = deal_atoms(index_, weights);
    mine_.clear();
    for (AtomId a = 0; a < dealt_.size(); ++a)
      if (dealt_[a] == static_cast<std::uint32_t>(share_.rank)) mine_.push_back(a);
  }

  // Ranks read the index each for itself, and an append may have put a new one in its place in between.
  void prepare(Communicator& comm) override {
    std::uint64_t seen = mix(mix(index_.graph) + index_.appends);
    for (AtomId a = 0; a < dealt_.size(); ++a) seen = mix(mix(seen + index_.atoms[a].digest) + dealt_[a]);
    if (comm.min(seen) != comm.max(seen))
      throw_agreed(InputError(fmt::format("{}: changed while it was opened; start again", folder_)));
  }

  void read_vertices(const VertexSink& sink) override {
    for_each_block([&](const Journal& journal, const Journal::Block& block) {
      if (block.kind == RecordKind::vertices) sink(journal.read_ids(block));
    });
  }

  void read_edges(const ChunkSink& sink) override {
    for_each_block([&](const Journal& journal, const Journal::Block& block) {
      if (block.kind == RecordKind::ghosts) journal.read_ids(block);  // no use but to check them
      if (block.kind != RecordKind::edges) return;
      EdgeChunk chunk = journal.read_edges(block);
      if (!read_weights_) chunk.weights.free();
      sink(std::move(chunk));
    });
  }

 private:
  static constexpr std::size_t kOpen = 64;  // files at once

  template <class Visit>
  void for_each_block(const Visit& visit) const {
    for (std::size_t begin = 0; begin < mine_.size(); begin += kOpen) {
      std::vector<std::optional<Journal>> journals(std::min(kOpen, mine_.size() - begin));
      parallel::for_each_index(journals.size(),
                               [&](std::size_t i) { journals[i].emplace(folder_, index_, mine_[begin + i]); });
      struct Piece {
        const Journal* journal;
        const Journal::Block* block;
      };
      std::vector<Piece> pieces;
      for (const auto& journal : journals)
        for (const Journal::Block& block : journal->blocks()) pieces.push_back({&*journal, &block});
      parallel::for_each_index(pieces.size(), [&](std::size_t i) { visit(*pieces[i].journal, *pieces[i].block); });
    }
  }

  std::string folder_;
  AtomIndex index_;
  Share share_;
  bool read_weights_;
  std::vector<std::uint32_t> dealt_;  // the rank of every atom
  std::vector<AtomId> mine_;
};

}  // namespace

std::unique_ptr<EdgeSource> open_atoms(const std::string& folder, Share share, bool read_weights) {
  return std::make_unique<AtomSource>(folder, share, read_weights);
}

}  // namespace gasket
