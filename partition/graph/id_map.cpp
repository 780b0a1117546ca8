#include "partition/graph/id_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "partition/comm/exchange.hpp"
#include "partition/graph/number_names.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr GlobalId kNone = std::numeric_limits<GlobalId>::max();

template <class Visit>
void for_each_id(const EdgeChunk& chunk, const Visit& visit) {
  for (const std::uint32_t id : chunk.narrow) visit(ExternalId{id});
  for (const std::uint64_t id : chunk.wide) visit(id);
}

// The distinct values of all inputs, ascending. Each input is sorted and thinned on its own, then they are merged
// pairwise, so that the memory is that of the distinct values, not of all.
BigArray<ExternalId> distinct(std::vector<BigArray<ExternalId>> lists) {
  parallel::for_each_index(lists.size(), [&](std::size_t i) {
    std::sort(lists[i].begin(), lists[i].end());
    lists[i].shrink(static_cast<std::size_t>(std::unique(lists[i].begin(), lists[i].end()) - lists[i].begin()));
  });
  while (lists.size() > 1) {
    std::vector<BigArray<ExternalId>> merged((lists.size() + 1) / 2);
    parallel::for_each_index(merged.size(), [&](std::size_t i) {
      if (2 * i + 1 == lists.size()) {
        merged[i] = std::move(lists[2 * i]);
        return;
      }
      BigArray<ExternalId>&a = lists[2 * i], &b = lists[2 * i + 1];
      merged[i] = BigArray<ExternalId>(a.size() + b.size());
      const auto end = std::set_union(a.begin(), a.end(), b.begin(), b.end(), merged[i].begin());
      merged[i].shrink(static_cast<std::size_t>(end - merged[i].begin()));
      a.free();
      b.free();
    });
    lists = std::move(merged);
  }
  return lists.empty() ? BigArray<ExternalId>() : std::move(lists.front());
}

// Distinct ids of the endpoints of the chunks; each list is thinned at once, because that is when it is small.
BigArray<ExternalId> distinct_endpoints(std::span<const EdgeChunk> edges) {
  std::vector<BigArray<ExternalId>> lists(edges.size());
  parallel::for_each_index(edges.size(), [&](std::size_t i) {
    lists[i] = BigArray<ExternalId>(2 * edges[i].size());
    std::size_t at = 0;
    for_each_id(edges[i], [&](ExternalId id) { lists[i][at++] = id; });
    std::sort(lists[i].begin(), lists[i].end());
    lists[i].shrink(static_cast<std::size_t>(std::unique(lists[i].begin(), lists[i].end()) - lists[i].begin()));
  });
  return distinct(std::move(lists));
}

// ranks - 1 values that cut all ranks' keys into intervals of about equal size (sample sort, regular sampling).
std::vector<ExternalId> splitters(Communicator& comm, const BigArray<ExternalId>& keys) {
  constexpr std::size_t kSamples = 256;
  std::vector<ExternalId> mine;
  const std::size_t count = std::min(kSamples, keys.size());
  for (std::size_t i = 0; i < count; ++i) mine.push_back(keys[keys.size() * i / count]);
  std::vector<ExternalId> all = comm.all_gather_spans(std::span<const ExternalId>(mine));
  std::ranges::sort(all);
  std::vector<ExternalId> cuts;
  const auto ranks = static_cast<std::size_t>(comm.size());
  for (std::size_t r = 1; r < ranks; ++r) cuts.push_back(all.empty() ? 0 : all[all.size() * r / ranks]);
  return cuts;
}

// Cuts ascending keys at the splitters, one bucket per rank.
std::vector<BigArray<ExternalId>> cut(const BigArray<ExternalId>& keys, std::span<const ExternalId> cuts) {
  std::vector<BigArray<ExternalId>> buckets;
  const ExternalId* begin = keys.begin();
  for (std::size_t r = 0; r <= cuts.size(); ++r) {
    const ExternalId* end = r < cuts.size() ? std::lower_bound(begin, keys.end(), cuts[r]) : keys.end();
    buckets.emplace_back(std::span<const ExternalId>(begin, end));
    begin = end;
  }
  return buckets;
}

}  // namespace

void refuse_unlisted(const std::string& source, ExternalId id) {
  throw InputError(fmt::format("{}: an edge names vertex {}, which the vertex list does not have", source, id));
}

void refuse_beyond(const std::string& source, ExternalId first, GlobalId vertices, ExternalId id) {
  if (first == 0)
    throw InputError(fmt::format("{}: an edge names vertex {}, but there are only {}", source, id, vertices));
  throw InputError(fmt::format("{}: an edge names vertex {}, but the vertices are {} to {}", source, id, first,
                               first + vertices - 1));
}

IdMap IdMap::fixed(Communicator& comm, ExternalId first, GlobalId vertices, std::span<const EdgeChunk> edges,
                   const std::string& source) {
  IdMap map;
  map.vertices_ = vertices;
  map.first_ = first;
  comm.agree([&] {
    parallel::for_each_index(edges.size(), [&](std::size_t i) {
      for_each_id(edges[i], [&](ExternalId id) {
        if (id - first >= vertices) refuse_beyond(source, first, vertices, id);
      });
    });
  });
  return map;
}

IdMap IdMap::of_names(Communicator& comm, NameTable& names) {
  NumberedNames numbered = number_names(comm, names);
  IdMap map;
  map.kind_ = Kind::named;
  map.vertices_ = numbered.begins.back();
  map.numbers_ = std::move(numbered.numbers);
  map.begins_ = std::move(numbered.begins);
  map.names_ = std::move(numbered.owned);
  return map;
}

IdMap IdMap::discover(Communicator& comm, std::span<const EdgeChunk> edges,
                      std::span<const BigArray<ExternalId>> listed, bool only_listed, const std::string& source) {
  ExternalId highest = 0;
  std::uint64_t known = 0;  // endpoints and listed vertices
  std::vector<ExternalId> tops(edges.size());
  parallel::for_each_index(edges.size(), [&](std::size_t i) {
    ExternalId top = 0;
    for_each_id(edges[i], [&](ExternalId id) { top = std::max(top, id); });
    tops[i] = top;
  });
  for (const ExternalId top : tops) highest = std::max(highest, top);
  for (const EdgeChunk& chunk : edges) known += 2 * chunk.size();
  for (const auto& list : listed) {
    known += list.size();
    for (const ExternalId id : list) highest = std::max(highest, id);
  }
  highest = comm.max(highest);
  known = comm.sum(known);

  IdMap map;
  if (known == 0) return map;
  // The bitmap takes a quarter of a byte per id of the range; it may take what a rank's share of the edges takes, or
  // 64 MiB, whichever is more.
  const std::uint64_t per_rank = known / static_cast<std::uint64_t>(comm.size());
  const std::uint64_t affordable = std::max<std::uint64_t>(8 * per_rank, std::uint64_t{1} << 28);
  // More than 2^32 - 1 members it could not count.
  const std::uint64_t countable =
      known < std::uint64_t{1} << 32 ? std::uint64_t{1} << 34 : (std::uint64_t{1} << 32) - 1;
  if (highest < std::min(affordable, countable))
    map.discover_in_range(comm, highest, edges, listed, only_listed, source);
  else
    map.discover_any(comm, edges, listed, only_listed, source);
  return map;
}

void IdMap::discover_in_range(Communicator& comm, ExternalId highest, std::span<const EdgeChunk> edges,
                              std::span<const BigArray<ExternalId>> listed, bool only_listed,
                              const std::string& source) {
  bitmap_ = RankedBitmap(highest + 1);
  for (const auto& list : listed)
    for (const ExternalId id : list) bitmap_.insert(id);
  if (!only_listed)
    parallel::for_each_index(edges.size(),
                             [&](std::size_t i) { for_each_id(edges[i], [&](ExternalId id) { bitmap_.insert(id); }); });
  if (comm.size() > 1) comm.all_reduce_in_place(bitmap_.blocks(), &RankedBitmap::merge);
  bitmap_.finish();
  vertices_ = bitmap_.count();
  if (only_listed)
    comm.agree([&] {
      parallel::for_each_index(edges.size(), [&](std::size_t i) {
        for_each_id(edges[i], [&](ExternalId id) {
          if (!bitmap_.contains(id)) refuse_unlisted(source, id);
        });
      });
    });
  kind_ = vertices_ == highest + 1 ? Kind::identity : Kind::bitmap;
  if (kind_ == Kind::identity) bitmap_ = RankedBitmap();
}

void IdMap::discover_any(Communicator& comm, std::span<const EdgeChunk> edges,
                         std::span<const BigArray<ExternalId>> listed, bool only_listed, const std::string& source) {
  kind_ = Kind::sorted;
  keys_ = distinct_endpoints(edges);
  std::vector<BigArray<ExternalId>> named;
  for (const auto& list : listed) named.emplace_back(list.span());
  const BigArray<ExternalId> names = distinct(std::move(named));

  // Each rank learns which ids exist in its interval, numbers them, and answers what it was asked.
  const std::vector<ExternalId> cuts = splitters(comm, keys_.size() >= names.size() ? keys_ : names);
  std::vector<BigArray<ExternalId>> asked = exchange(comm, cut(keys_, cuts));
  std::vector<BigArray<ExternalId>> existing = exchange(comm, cut(names, cuts));
  if (!only_listed)
    for (const auto& list : asked) existing.emplace_back(list.span());
  owned_ = distinct(std::move(existing));
  begins_ = {0};
  for (const std::uint64_t size : comm.all_gather<std::uint64_t>(owned_.size()))
    begins_.push_back(begins_.back() + size);
  vertices_ = begins_.back();
  const GlobalId first = begins_[static_cast<std::size_t>(comm.rank())];
  for (auto& list : asked)
    for (std::uint64_t& id : list) {
      const auto found = std::lower_bound(owned_.begin(), owned_.end(), id);
      id = found != owned_.end() && *found == id ? first + static_cast<GlobalId>(found - owned_.begin()) : kNone;
    }
  const std::vector<BigArray<GlobalId>> answers = exchange(comm, std::move(asked));
  numbers_ = BigArray<GlobalId>(keys_.size());
  GlobalId* next = numbers_.begin();
  for (const auto& list : answers) next = std::copy(list.begin(), list.end(), next);
  comm.agree([&] {
    const auto missing = std::find(numbers_.begin(), numbers_.end(), kNone);
    if (missing != numbers_.end()) refuse_unlisted(source, keys_[static_cast<std::size_t>(missing - numbers_.begin())]);
  });
  index_keys();
}

// About one entry per key by the leading bits of the distance from the first key: a look-up then searches only the
// keys that share them (a constant number for ids spread evenly, a logarithm at worst).
void IdMap::index_keys() {
  if (keys_.empty()) return;
  const std::uint64_t width = keys_.back() - keys_[0];
  shift_ = 0;
  while ((width >> shift_) >= std::max<std::uint64_t>(keys_.size(), 16)) ++shift_;
  first_key_ = BigArray<std::uint64_t>((width >> shift_) + 2);
  std::size_t key = 0;
  for (std::size_t slot = 0; slot < first_key_.size(); ++slot) {
    while (key < keys_.size() && (keys_[key] - keys_[0]) >> shift_ < slot) ++key;
    first_key_[slot] = key;
  }
}

GlobalId IdMap::global_of(ExternalId id) const {
  const std::uint64_t slot = (id - keys_[0]) >> shift_;
  const ExternalId* begin = keys_.begin() + first_key_[slot];
  const ExternalId* end = keys_.begin() + first_key_[slot + 1];
  return numbers_[static_cast<std::size_t>(std::lower_bound(begin, end, id) - keys_.begin())];
}

template <class From, class To>
void IdMap::rewrite(const BigArray<From>& from, BigArray<To>& to) const {
  switch (kind_) {
    case Kind::identity:
      for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<To>(from[i] - first_);
      break;
    case Kind::bitmap:
      for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<To>(bitmap_.position(from[i]));
      break;
    case Kind::sorted:
      for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<To>(global_of(from[i]));
      break;
    case Kind::named:
      for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<To>(numbers_[from[i]]);
      break;
  }
}

void IdMap::translate(EdgeChunk& chunk) const {
  if (!chunk.narrow.empty()) {
    // n distinct ids below 2^32 number at most 2^32, so narrow stays narrow.
    if (!keeps_ids()) rewrite(chunk.narrow, chunk.narrow);
  } else if (narrow()) {
    chunk.narrow = BigArray<std::uint32_t>(chunk.wide.size());
    rewrite(chunk.wide, chunk.narrow);
    chunk.wide.free();
  } else if (!keeps_ids()) {
    rewrite(chunk.wide, chunk.wide);
  }
  if (!narrow() && !chunk.narrow.empty()) {
    chunk.wide = BigArray<std::uint64_t>(chunk.narrow.size());
    std::copy(chunk.narrow.begin(), chunk.narrow.end(), chunk.wide.begin());
    chunk.narrow.free();
  }
}

VertexIds IdMap::into_vertex_ids(Communicator& comm) && {
  if (kind_ == Kind::identity) return VertexIds::consecutive(first_, vertices_);
  if (kind_ == Kind::named) return VertexIds::named(std::move(begins_), std::move(names_));
  if (kind_ == Kind::sorted) return VertexIds::sparse(std::move(begins_), std::move(owned_));
  std::vector<GlobalId> begins;
  for (int r = 0; r <= comm.size(); ++r) begins.push_back(comm.slice(vertices_, r));
  const auto me = static_cast<std::size_t>(comm.rank());
  BigArray<ExternalId> slice(begins[me + 1] - begins[me]);
  GlobalId number = 0;
  bitmap_.for_each([&](ExternalId id) {
    if (number >= begins[me] && number < begins[me + 1]) slice[number - begins[me]] = id;
    ++number;
  });
  return VertexIds::sparse(std::move(begins), std::move(slice));
}

}  // namespace gasket
