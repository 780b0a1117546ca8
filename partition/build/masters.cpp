#include "partition/build/masters.hpp"

#include <algorithm>

#include "partition/comm/exchange.hpp"
#include "partition/parallel.hpp"
#include "partition/place/master_choice.hpp"

namespace gasket {
namespace {

// 32 vertices: which of them a rank's arcs leave, and which they enter.
struct Word {
  std::uint32_t sources, targets;
};

// The ranks' words for this rank's slice of the blocks.
std::vector<BigArray<Word>> exchange_words(Communicator& comm, const RankedBitmap& sources,
                                           const RankedBitmap& targets) {
  const std::uint64_t blocks = sources.blocks().size();
  std::vector<BigArray<Word>> outgoing;
  for (int r = 0; r < comm.size(); ++r) {
    const std::uint64_t begin = comm.slice(blocks, r);
    BigArray<Word>& words = outgoing.emplace_back(comm.slice(blocks, r + 1) - begin);
    for (std::size_t i = 0; i < words.size(); ++i)
      words[i] = {sources.blocks()[begin + i].bits, targets.blocks()[begin + i].bits};
  }
  return exchange(comm, std::move(outgoing));
}

}  // namespace

Masters::Masters(Communicator& comm, const RankedBitmap& sources, const RankedBitmap& targets,
                 const Placement& placement)
    : placement_(&placement) {
  if (comm.size() == 1 || !placement.masters_follow_edges()) return;
  const std::uint64_t blocks = sources.blocks().size(), begin = comm.slice(blocks, comm.rank());
  const std::vector<BigArray<Word>> words = exchange_words(comm, sources, targets);
  std::vector<std::uint16_t> mine(32 * words[0].size());
  parallel::for_ranges(words[0].size(), 1024, [&](std::size_t first, std::size_t end) {
    const std::size_t vertices = std::min<GlobalId>(32 * (begin + end), sources.range()) - 32 * (begin + first);
    std::vector<PartId> rule(vertices);
    placement.masters(32 * (begin + first), rule);
    for (std::size_t i = 32 * first; i < 32 * first + vertices; ++i) {
      const GlobalId v = 32 * begin + i;
      std::uint64_t best = 0;
      PartId master = rule[i - 32 * first];
      for (PartId r = 0; r < words.size(); ++r) {
        const Word word = words[r][i / 32];
        const std::uint32_t roles =
            (word.sources >> i % 32 & 1) * Role::is_source | (word.targets >> i % 32 & 1) * Role::is_target;
        if (roles == 0) continue;
        if (const std::uint64_t score = mastery(v, r, roles); score > best) {
          best = score;
          master = r;
        }
      }
      mine[i] = static_cast<std::uint16_t>(master);
    }
  });
  chosen_ = BigArray<std::uint16_t>(
      std::span<const std::uint16_t>(comm.all_gather_spans(std::span<const std::uint16_t>(mine))));
}

void Masters::of(GlobalId first, std::span<PartId> ranks) const {
  if (chosen_.empty()) return placement_->masters(first, ranks);
  std::copy_n(chosen_.begin() + first, ranks.size(), ranks.begin());
}

}  // namespace gasket
