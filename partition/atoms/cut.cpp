#include "partition/atoms/cut.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "partition/atoms/journal.hpp"
#include "partition/build/drop_duplicates.hpp"
#include "partition/comm/exchange.hpp"
#include "partition/parallel.hpp"
#include "partition/place/degrees.hpp"

namespace gasket {
namespace {

constexpr std::size_t kRoundBytes = std::size_t{64} << 20;

// The edges of one round for one rank, atom after atom.
struct Bucket {
  BigArray<std::uint64_t> sizes;  // by atom of the rank
  EdgeChunk edges;
};

class Sender {
 public:
  Sender(Communicator& comm, CutGraph& cut, AtomId atoms, bool narrow)
      : comm_(comm), cut_(cut), atoms_(atoms), narrow_(narrow) {
    for (AtomId a = 0; a < atoms; ++a) writers_.push_back(static_cast<std::size_t>(writer_of(comm, a, atoms)));
    for (std::size_t r = 0; r <= static_cast<std::size_t>(comm.size()); ++r)
      begins_.push_back(static_cast<AtomId>(comm.slice(atoms, static_cast<int>(r))));
  }

  // Takes chunks from the end, as much as a round may have, and frees them.
  void send_round(std::vector<EdgeChunk>& chunks) {
    std::vector<EdgeChunk> round;
    std::vector<BigArray<PartId>> parts;
    for (std::size_t bytes = 0; !chunks.empty() && bytes < kRoundBytes; chunks.pop_back()) {
      bytes += chunks.back().size() * ((narrow_ ? 8 : 16) + (cut_.weighted ? 8 : 0));
      round.push_back(std::move(chunks.back()));
      parts.emplace_back(round.back().size());
    }
    const std::size_t first = chunks.size();
    parallel::for_each_index(round.size(), [&](std::size_t c) {
      cut_.placement->place(round[c], first + round.size() - 1 - c, parts[c].span());
    });
    std::vector<Bucket> buckets = sort(round, parts);
    round.clear();
    receive(std::move(buckets));
  }

 private:
  std::vector<Bucket> sort(const std::vector<EdgeChunk>& round, const std::vector<BigArray<PartId>>& parts) const {
    std::vector<Bucket> buckets(static_cast<std::size_t>(comm_.size()));
    std::vector<std::size_t> next(atoms_);
    for (const auto& list : parts)
      for (const PartId part : list) ++next[part];
    for (std::size_t r = 0; r < buckets.size(); ++r) {
      buckets[r].sizes = BigArray<std::uint64_t>(begins_[r + 1] - begins_[r]);
      std::size_t size = 0;
      for (AtomId a = begins_[r]; a < begins_[r + 1]; ++a) {
        buckets[r].sizes[a - begins_[r]] = next[a];
        next[a] = std::exchange(size, size + next[a]);
      }
      EdgeChunk& edges = buckets[r].edges;
      if (narrow_)
        edges.narrow = BigArray<std::uint32_t>(2 * size);
      else
        edges.wide = BigArray<std::uint64_t>(2 * size);
      if (cut_.weighted) edges.weights = BigArray<double>(size);
    }
    for (std::size_t c = 0; c < round.size(); ++c)
      round[c].for_each([&](GlobalId source, GlobalId target, std::size_t i) {
        const PartId part = parts[c][i];
        EdgeChunk& edges = buckets[writers_[part]].edges;
        const std::size_t at = next[part]++;
        if (narrow_) {
          edges.narrow[2 * at] = static_cast<std::uint32_t>(source);
          edges.narrow[2 * at + 1] = static_cast<std::uint32_t>(target);
        } else {
          edges.wide[2 * at] = source;
          edges.wide[2 * at + 1] = target;
        }
        if (cut_.weighted) edges.weights[at] = round[c].weights[i];
      });
    return buckets;
  }

  void receive(std::vector<Bucket> buckets) {
    const auto swap = [&](auto take) {
      std::vector<std::remove_cvref_t<decltype(take(buckets[0]))>> outgoing;
      for (Bucket& bucket : buckets) outgoing.push_back(std::move(take(bucket)));
      return exchange(comm_, std::move(outgoing));
    };
    const auto sizes = swap([](Bucket & b) -> auto& { return b.sizes; });
    std::vector<BigArray<std::uint32_t>> narrow;
    std::vector<BigArray<std::uint64_t>> wide;
    std::vector<BigArray<double>> weights;
    if (narrow_)
      narrow = swap([](Bucket & b) -> auto& { return b.edges.narrow; });
    else
      wide = swap([](Bucket & b) -> auto& { return b.edges.wide; });
    if (cut_.weighted) weights = swap([](Bucket & b) -> auto& { return b.edges.weights; });
    for (std::size_t r = 0; r < sizes.size(); ++r) {
      std::size_t at = 0;
      for (std::size_t a = 0; a < sizes[r].size(); ++a) {
        const std::size_t size = sizes[r][a];
        const auto copy = [&](const auto& from, std::size_t width) {
          using Array = std::remove_cvref_t<decltype(from)>;
          return Array(std::span<const typename Array::value_type>(from.span()).subspan(width * at, width * size));
        };
        if (size > 0)
          cut_.edges[a].push_back({narrow_ ? copy(narrow[r], 2) : BigArray<std::uint32_t>(),
                                   narrow_ ? BigArray<std::uint64_t>() : copy(wide[r], 2),
                                   cut_.weighted ? copy(weights[r], 1) : BigArray<double>()});
        at += size;
      }
    }
  }

  Communicator& comm_;
  CutGraph& cut_;
  AtomId atoms_;
  bool narrow_;
  std::vector<std::size_t> writers_;
  std::vector<AtomId> begins_;  // of the ranks' slices
};

}  // namespace

int writer_of(const Communicator& comm, AtomId atom, AtomId atoms) {
  int rank = 0;
  while (comm.slice(atoms, rank + 1) <= atom) ++rank;
  return rank;
}

CutGraph cut_into_atoms(Communicator& comm, EdgeSource& source, const AtomOptions& options) {
  const auto stage = [&](std::string_view name) {
    if (options.on_stage) options.on_stage(name);
  };
  const PlacementInfo* strategy = nullptr;
  comm.agree([&] {
    if (options.atoms < 1 || options.atoms > kMostAtoms)
      throw UsageError(fmt::format("{} atoms: must be from 1 to {}", options.atoms, kMostAtoms));
    refuse_names(source);
    strategy = &find_placement(options.placement);
  });
  CutGraph cut;
  cut.directed = !options.undirected && source.directed().value_or(true);
  cut.weighted = source.weighted();
  cut.begin = static_cast<AtomId>(comm.slice(options.atoms, comm.rank()));
  cut.end = static_cast<AtomId>(comm.slice(options.atoms, comm.rank() + 1));
  cut.edges.resize(cut.end - cut.begin);
  cut.input = read_numbered(comm, source, options.drop_self_loops, stage);
  NumberedEdges& input = cut.input;
  if (options.drop_duplicates) {
    stage("dropping duplicates");
    input.counts.duplicates_dropped = drop_duplicates(comm, input, !cut.directed, cut.weighted);
  }
  stage("placing edges");
  cut.degrees = count_degrees(comm, input.edges, input.vertices, strategy->degrees, !cut.directed);
  cut.placement = strategy->make({.comm = &comm,
                                  .parts = options.atoms,
                                  .vertices = input.vertices,
                                  .edges = input.edges,
                                  .undirected = !cut.directed,
                                  .degrees = cut.degrees.span(),
                                  .seed = options.seed,
                                  .argument = placement_argument(options.placement)});
  stage("sending edges to their atoms");
  Sender sender(comm, cut, options.atoms, input.narrow);
  while (comm.any(!input.edges.empty())) sender.send_round(input.edges);
  return cut;
}

}  // namespace gasket
