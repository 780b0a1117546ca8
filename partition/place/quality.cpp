#include "partition/place/quality.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "partition/comm/exchange.hpp"
#include "partition/parallel.hpp"
#include "partition/place/master_choice.hpp"
#include "partition/place/vertex_rows.hpp"

namespace gasket {
namespace {

constexpr std::size_t kRoundEdges = std::size_t{1} << 19;

// Which parts have to do with which: parts^2 bits.
class PairBits {
 public:
  explicit PairBits(PartId parts) : parts_(parts), words_((std::uint64_t{parts} * parts + 63) / 64) {}
  void set(PartId a, PartId b) {
    const std::uint64_t i = std::uint64_t{a} * parts_ + b;
    words_[i / 64] |= std::uint64_t{1} << i % 64;
  }
  bool get(PartId a, PartId b) const {
    const std::uint64_t i = std::uint64_t{a} * parts_ + b;
    return (words_[i / 64] >> i % 64 & 1) != 0;
  }
  std::uint64_t count() const {
    std::uint64_t count = 0;
    for (const std::uint64_t word : words_) count += static_cast<std::uint64_t>(std::popcount(word));
    return count;
  }
  void add(Communicator& comm) {
    if (comm.size() > 1) comm.all_reduce_in_place(words_.span(), std::bit_or<std::uint64_t>());
  }

 private:
  PartId parts_;
  BigArray<std::uint64_t> words_;
};

}  // namespace

// The ends of arcs at the vertices of this rank's slice: the part, times 4, and the roles there.
struct PlacementMeter::Copies {
  BigArray<std::uint16_t> ends;
  BigArray<std::uint32_t> counts;   // of each vertex' ends
  std::vector<std::uint64_t> arcs;  // of each part, of this rank's edges
};

struct PlacementMeter::Sums {
  explicit Sums(PartId parts) : copies(parts), masters(parts), partners(parts) {}
  std::vector<std::uint64_t> copies, masters;  // of each part
  std::uint64_t used = 0, used_copies = 0;     // vertices with edges, parts that have edges of them
  std::uint64_t written = 0, read = 0;         // ghosts
  PairBits partners;
  std::vector<std::uint16_t> chosen;  // masters of the slice
};

PlacementMeter::PlacementMeter(Communicator& comm, std::span<const EdgeChunk> edges, GlobalId vertices, bool undirected)
    : comm_(&comm), edges_(edges), vertices_(vertices), undirected_(undirected) {
  for (int r = 0; r <= comm.size(); ++r) slices_.push_back(comm.slice(vertices, r));
  BigArray<std::uint32_t> ends(vertices);
  for (const EdgeChunk& chunk : edges)
    chunk.for_each([&](GlobalId source, GlobalId target, std::size_t) {
      ends[source] += undirected ? 2 : 1;
      ends[target] += undirected ? 2 : 1;
    });
  if (comm.size() > 1) comm.all_reduce_in_place(ends.span(), std::plus<std::uint32_t>());
  std::uint64_t all = 0, counted = 0;
  for (const EdgeChunk& chunk : edges) all += chunk.size();
  for (const std::uint32_t count : ends) counted += count;
  if (counted != comm.sum(all) * (undirected ? 4 : 2))
    throw_agreed(ResourceError("a vertex has 2^32 arcs or more, which the study cannot count"));
  const auto me = static_cast<std::size_t>(comm.rank());
  const GlobalId begin = slices_[me], count = slices_[me + 1] - begin;
  offsets_ = BigArray<std::uint64_t>(count + 1);
  for (GlobalId i = 0; i < count; ++i) offsets_[i + 1] = offsets_[i] + ends[begin + i];
}

// Calls take(vertex, end) for both ends of the arcs of a chunk, take.arc(part, arcs) once per edge.
template <class Take>
void PlacementMeter::visit_chunk(const Placement& placement, const EdgeChunk& chunk, std::size_t index,
                                 const Take& take) const {
  const bool both_ways = undirected_ && placement.symmetric();
  BigArray<PartId> parts(chunk.size());
  placement.place(chunk, index, parts.span());
  chunk.for_each([&](GlobalId source, GlobalId target, std::size_t i) {
    const std::uint32_t both = both_ways ? Role::is_source | Role::is_target : 0;
    take(source, static_cast<std::uint16_t>(4 * parts[i] | both | Role::is_source), parts[i]);
    take(target, static_cast<std::uint16_t>(4 * parts[i] | both | Role::is_target),
         both_ways && source != target ? parts[i] : kMostParts);
  });
}

PlacementMeter::Copies PlacementMeter::collect_copies(const Placement& placement, PartId parts) const {
  const auto ranks = static_cast<std::size_t>(comm_->size()), me = static_cast<std::size_t>(comm_->rank());
  const bool reverse_too = undirected_ && !placement.symmetric();
  Copies copies;
  copies.ends = BigArray<std::uint16_t>(offsets_.back());
  copies.counts = BigArray<std::uint32_t>(offsets_.size() - 1);
  copies.arcs.resize(parts);
  const auto put = [&](GlobalId v, std::uint16_t end) {
    const GlobalId i = v - slices_[me];
    copies.ends[offsets_[i] + copies.counts[i]++] = end;
  };
  std::vector<std::vector<std::uint64_t>> away(ranks);
  const auto take = [&](GlobalId v, std::uint16_t end, PartId arc) {
    if (arc != kMostParts) ++copies.arcs[arc];
    if (v >= slices_[me] && v < slices_[me + 1]) return put(v, end);
    const auto owner = static_cast<std::size_t>(std::ranges::upper_bound(slices_, v) - slices_.begin()) - 1;
    away[owner].push_back(v << 16 | end);
  };
  for (std::size_t c = 0; comm_->any(c < edges_.size());) {
    for (std::size_t edges = 0; c < edges_.size() && edges < kRoundEdges; ++c) {
      edges += edges_[c].size();
      visit_chunk(placement, edges_[c], c, take);
      if (reverse_too) visit_chunk(placement, reversed(edges_[c]), c, take);
    }
    if (ranks == 1) continue;
    std::vector<BigArray<std::uint64_t>> outgoing;
    for (auto& list : away) {
      outgoing.emplace_back(std::span<const std::uint64_t>(list));
      list = {};
    }
    for (const BigArray<std::uint64_t>& list : exchange(*comm_, std::move(outgoing)))
      for (const std::uint64_t end : list) put(end >> 16, static_cast<std::uint16_t>(end));
  }
  return copies;
}

void PlacementMeter::count_slice(const Copies& copies, const Placement& placement, const Traffic& traffic,
                                 Sums& sums) const {
  const GlobalId begin = slices_[static_cast<std::size_t>(comm_->rank())], count = offsets_.size() - 1;
  std::vector<PartId> rule(count);
  placement.masters(begin, rule);
  sums.chosen.resize(count);
  std::vector<std::uint8_t> roles(sums.copies.size());
  std::vector<PartId> present;
  // As the engine does: every edge of an undirected graph is an in-edge and an out-edge at once.
  const Flow flow = undirected_ && traffic.flow == Flow::both ? Flow::forward : traffic.flow;
  const std::uint32_t writes = flow == Flow::forward    ? Role::is_target
                               : flow == Flow::backward ? Role::is_source
                                                        : Role::is_source | Role::is_target;
  const std::uint32_t reads = flow == Flow::both ? writes : 3 - writes;
  for (GlobalId i = 0; i < count; ++i) {
    present.clear();
    for (std::uint32_t k = 0; k < copies.counts[i]; ++k) {
      const std::uint16_t end = copies.ends[offsets_[i] + k];
      if (roles[end / 4] == 0) present.push_back(end / 4);
      roles[end / 4] |= end & 3;
    }
    PartId master = rule[i];
    if (placement.masters_follow_edges()) {
      std::uint64_t best = 0;
      for (const PartId q : present)
        if (const std::uint64_t score = mastery(begin + i, q, roles[q]); score > best) {
          best = score;
          master = q;
        }
    }
    sums.chosen[i] = static_cast<std::uint16_t>(master);
    ++sums.masters[master];
    ++sums.copies[master];
    sums.used += present.empty() ? 0 : 1;
    sums.used_copies += present.size();
    for (const PartId q : present) {
      const std::uint32_t role = std::exchange(roles[q], 0);
      if (q == master) continue;
      ++sums.copies[q];
      sums.partners.set(q, master);
      sums.partners.set(master, q);
      sums.written += (role & writes) != 0;
      sums.read += (role & reads) != 0;
    }
  }
}

EdgeCount PlacementMeter::count_cut(std::span<const std::uint16_t> masters) const {
  return parallel::reduce_ranges<EdgeCount>(
      edges_.size(), 1, 0,
      [&](std::size_t c, std::size_t) {
        EdgeCount cut = 0;
        edges_[c].for_each(
            [&](GlobalId source, GlobalId target, std::size_t) { cut += masters[source] != masters[target]; });
        return cut;
      },
      std::plus<EdgeCount>());
}

PlacementStudy PlacementMeter::measure(const Placement& placement, const PartShares& shares,
                                       const Traffic& traffic) const {
  const PartId parts = shares.parts();
  Sums sums(parts);
  std::vector<std::uint64_t> arcs;
  {
    Copies copies = collect_copies(placement, parts);
    arcs = std::move(copies.arcs);
    count_slice(copies, placement, traffic, sums);
  }
  const auto add_up = [&](std::vector<std::uint64_t>& values) {
    if (comm_->size() > 1) comm_->all_reduce_in_place(std::span(values), std::plus<std::uint64_t>());
  };
  add_up(arcs);
  add_up(sums.copies);
  add_up(sums.masters);
  sums.partners.add(*comm_);
  PlacementStudy study;
  study.edge_balance = balance_of(arcs, shares);
  study.vertex_balance = balance_of(sums.copies, shares);
  study.master_balance = balance_of(sums.masters, shares);
  std::uint64_t copies = 0, pairs = sums.partners.count();
  for (PartId q = 0; q < parts; ++q) {
    copies += sums.copies[q];
    study.memory_bytes = std::max(study.memory_bytes, 4 * arcs[q] + 32 * sums.copies[q] + 8 * sums.masters[q]);
    std::uint64_t partners = 0;
    for (PartId r = 0; r < parts; ++r) partners += sums.partners.get(q, r) ? 1 : 0;
    study.most_partners = std::max(study.most_partners, partners);
  }
  study.partners = static_cast<double>(pairs) / parts;
  study.replication_factor = static_cast<double>(copies) / static_cast<double>(std::max<GlobalId>(vertices_, 1));
  study.edge_copies = static_cast<double>(comm_->sum(sums.used_copies)) /
                      static_cast<double>(std::max<std::uint64_t>(comm_->sum(sums.used), 1));
  study.ghosts = copies - vertices_;
  study.reduce_bytes = comm_->sum(sums.written) * traffic.accumulator;
  study.broadcast_bytes = comm_->sum(sums.read) * traffic.ghost;
  study.bytes_per_superstep = study.reduce_bytes + study.broadcast_bytes;
  const auto masters = comm_->all_gather_spans(std::span<const std::uint16_t>(sums.chosen));
  study.cut_edges = comm_->sum(count_cut(masters));
  return study;
}

RandomTheory::RandomTheory(const PlacementInput& input) {
  VertexRows rows = gather_rows(input, Neighbours::both, Slices::equal);
  std::map<std::uint64_t, std::uint64_t> mine;
  for (GlobalId v = rows.begin; v < rows.end; ++v) {
    const auto row = rows.neighbours.span().subspan(rows.offsets[v - rows.begin], rows.of(v).size());
    std::ranges::sort(row);
    const auto distinct = std::unique(row.begin(), row.end()) - row.begin();
    if (distinct > 0) ++mine[static_cast<std::uint64_t>(distinct)];
  }
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs(mine.begin(), mine.end());
  std::vector<std::uint64_t> flat;
  for (const auto& [degree, count] : pairs) flat.insert(flat.end(), {degree, count});
  const auto all = input.comm->all_gather_spans(std::span<const std::uint64_t>(flat));
  mine.clear();
  for (std::size_t i = 0; i < all.size(); i += 2) mine[all[i]] += all[i + 1];
  vertices_of_.assign(mine.begin(), mine.end());
}

double RandomTheory::copies(PartId parts) const {
  double sum = 0, vertices = 0;
  const double p = parts;
  for (const auto& [degree, count] : vertices_of_) {
    sum += static_cast<double>(count) * p * (1 - std::pow(1 - 1 / p, static_cast<double>(degree)));
    vertices += static_cast<double>(count);
  }
  return vertices == 0 ? 1 : sum / vertices;
}

}  // namespace gasket
