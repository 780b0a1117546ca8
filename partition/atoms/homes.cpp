#include "partition/atoms/homes.hpp"

#include <algorithm>

#include "partition/comm/exchange.hpp"
#include "partition/parallel.hpp"
#include "partition/place/master_choice.hpp"

namespace gasket {
namespace {

// One atom's use of a vertex; on the way back `flags` says whether it is at home there.
struct Copy {
  GlobalId vertex;
  AtomId atom;
  std::uint32_t flags;
};

// The ends of an atom's edges, ascending, with their roles.
std::vector<Copy> ends_of(const std::vector<EdgeChunk>& chunks, AtomId atom, bool undirected) {
  std::vector<Copy> ends;
  const std::uint32_t source_role = undirected ? Role::is_source | Role::is_target : Role::is_source;
  const std::uint32_t target_role = undirected ? Role::is_source | Role::is_target : Role::is_target;
  std::size_t folded = 0;
  const auto fold = [&] {
    std::ranges::sort(ends, {}, &Copy::vertex);
    std::size_t kept = 0;
    for (const Copy& copy : ends)
      if (kept > 0 && ends[kept - 1].vertex == copy.vertex)
        ends[kept - 1].flags |= copy.flags;
      else
        ends[kept++] = copy;
    ends.resize(kept);
    folded = kept;
  };
  for (const EdgeChunk& chunk : chunks) {
    chunk.for_each([&](GlobalId source, GlobalId target, std::size_t) {
      ends.push_back({source, atom, source_role});
      ends.push_back({target, atom, target_role});
    });
    if (ends.size() > 2 * folded + (std::size_t{1} << 18)) fold();
  }
  fold();
  return ends;
}

class Slice {
 public:
  Slice(Communicator& comm, const CutGraph& cut, AtomId atoms)
      : comm_(comm), cut_(cut), atoms_(atoms), shared_(std::size_t{atoms} * atoms) {
    for (AtomId a = 0; a < atoms; ++a) writers_.push_back(static_cast<std::size_t>(writer_of(comm, a, atoms)));
  }

  // Walks the vertices of this rank's slice, given their copies; returns what each atom's writer is told.
  std::vector<BigArray<Copy>> settle(BigArray<Copy> copies) {
    parallel::sort(copies.span(), [](const Copy& a, const Copy& b) {
      return a.vertex != b.vertex ? a.vertex < b.vertex : a.atom < b.atom;
    });
    std::vector<std::vector<Copy>> answers(static_cast<std::size_t>(comm_.size()));
    const GlobalId begin = comm_.slice(cut_.input.vertices, comm_.rank());
    const GlobalId end = comm_.slice(cut_.input.vertices, comm_.rank() + 1);
    std::vector<PartId> rule;
    const Copy* next = copies.begin();
    for (GlobalId first = begin; first < end; first += kBatch) {
      rule.resize(std::min<GlobalId>(kBatch, end - first));
      cut_.placement->masters(first, rule);
      for (std::size_t i = 0; i < rule.size(); ++i) {
        const Copy* const group = next;
        while (next != copies.end() && next->vertex == first + i) ++next;
        const std::span<const Copy> group_of_vertex(group, next);
        const AtomId home = home_of(first + i, group_of_vertex, rule[i]);
        if (group_of_vertex.empty()) {
          answers[writers_[home]].push_back({first + i, home, 1});
          ++isolated_;
        }
        for (const Copy& copy : group_of_vertex)
          answers[writers_[copy.atom]].push_back({copy.vertex, copy.atom, copy.atom == home ? 1u : 0u});
        count(group_of_vertex);
      }
    }
    std::vector<BigArray<Copy>> outgoing;
    for (const auto& list : answers) outgoing.emplace_back(std::span<const Copy>(list));
    return outgoing;
  }

  std::uint64_t isolated() const { return comm_.sum(isolated_); }

  std::vector<AtomIndex::Shared> shared() {
    comm_.all_reduce_in_place(shared_.span(), std::plus<>());
    std::vector<AtomIndex::Shared> pairs;
    for (AtomId a = 0; a < atoms_; ++a)
      for (AtomId b = a + 1; b < atoms_; ++b)
        if (const std::uint64_t vertices = shared_[std::size_t{a} * atoms_ + b]; vertices > 0)
          pairs.push_back({a, b, vertices});
    return pairs;
  }

 private:
  static constexpr std::size_t kBatch = std::size_t{1} << 16;

  AtomId home_of(GlobalId vertex, std::span<const Copy> copies, AtomId rule) const {
    if (copies.empty()) return rule;
    const bool follow = cut_.placement->masters_follow_edges();
    AtomId best = 0;
    std::uint64_t best_score = 0;
    for (const Copy& copy : copies) {
      if (!follow && copy.atom == rule) return rule;
      if (const std::uint64_t score = mastery(vertex, copy.atom, copy.flags); score > best_score) {
        best = copy.atom;
        best_score = score;
      }
    }
    return best;
  }

  void count(std::span<const Copy> copies) {
    for (std::size_t i = 0; i < copies.size(); ++i)
      for (std::size_t j = i + 1; j < copies.size(); ++j)
        ++shared_[std::size_t{copies[i].atom} * atoms_ + copies[j].atom];
  }

  Communicator& comm_;
  const CutGraph& cut_;
  AtomId atoms_;
  std::vector<std::size_t> writers_;
  std::uint64_t isolated_ = 0;
  BigArray<std::uint64_t> shared_;  // [smaller atom][larger atom]
};

// Sends each copy to the rank in whose slice its vertex is, and joins what comes.
BigArray<Copy> send_to_slices(Communicator& comm, const CutGraph& cut) {
  const auto ranks = static_cast<std::size_t>(comm.size());
  std::vector<std::vector<Copy>> ends(cut.edges.size());
  parallel::for_each_index(ends.size(), [&](std::size_t a) {
    ends[a] = ends_of(cut.edges[a], cut.begin + static_cast<AtomId>(a), !cut.directed);
  });
  std::vector<BigArray<Copy>> outgoing(ranks);
  for (std::size_t r = 0; r < ranks; ++r) {
    const GlobalId begin = comm.slice(cut.input.vertices, static_cast<int>(r));
    const GlobalId end = comm.slice(cut.input.vertices, static_cast<int>(r) + 1);
    std::size_t size = 0;
    std::vector<std::span<const Copy>> pieces;
    for (const auto& list : ends) {
      const auto from = std::ranges::lower_bound(list, begin, {}, &Copy::vertex);
      const auto to = std::ranges::lower_bound(list, end, {}, &Copy::vertex);
      pieces.emplace_back(from, to);
      size += pieces.back().size();
    }
    outgoing[r] = BigArray<Copy>(size);
    Copy* at = outgoing[r].begin();
    for (const auto& piece : pieces) at = std::ranges::copy(piece, at).out;
  }
  ends.clear();
  std::vector<BigArray<Copy>> incoming = exchange(comm, std::move(outgoing));
  if (ranks == 1) return std::move(incoming[0]);
  std::size_t size = 0;
  for (const auto& list : incoming) size += list.size();
  BigArray<Copy> all(size);
  Copy* at = all.begin();
  for (auto& list : incoming) {
    at = std::ranges::copy(list, at).out;
    list.free();
  }
  return all;
}

}  // namespace

AtomVertices find_homes(Communicator& comm, const CutGraph& cut, AtomId atoms) {
  Slice slice(comm, cut, atoms);
  const std::vector<BigArray<Copy>> told = exchange(comm, slice.settle(send_to_slices(comm, cut)));
  AtomVertices result;
  result.homes.resize(cut.edges.size());
  result.ghosts.resize(cut.edges.size());
  // Ranks' slices ascend, and so do the vertices in each.
  for (const auto& list : told)
    for (const Copy& copy : list)
      (copy.flags != 0 ? result.homes : result.ghosts)[copy.atom - cut.begin].push_back(copy.vertex);
  result.shared = slice.shared();
  result.isolated = slice.isolated();
  return result;
}

}  // namespace gasket
