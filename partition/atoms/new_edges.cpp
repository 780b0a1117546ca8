#include "partition/atoms/new_edges.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <utility>

#include "partition/graph/id_map.hpp"

namespace gasket {
namespace {

constexpr const char* kPrefixes[] = {"append-edges-", "append-ends-", "append-listed-"};

// Sorts ids and writes each once.
void write_ids(RunFile& file, std::span<ExternalId> ids) {
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  file.append(std::span<const ExternalId>(ids.first(ids.size() - repeated.size())));
}

}  // namespace

// Takes what the workers read.
class NewEdges::Sorter {
 public:
  Sorter(std::span<const std::unique_ptr<RunFile>> files, bool keep_ends, bool drop_self_loops)
      : files_(files), keep_ends_(keep_ends), drop_self_loops_(drop_self_loops) {}

  // A worker's edges. Some buffer is free, or a new one is made: there are never more than workers.
  template <class Edges>
  void take(const Edges& for_each_edge) {
    std::unique_ptr<Buffer> buffer = borrow();
    for_each_edge([&](const AtomEdge& edge) {
      buffer->edges[buffer->size++] = edge;
      if (buffer->size == kBuffer) write(*buffer);
    });
    const std::lock_guard lock(guard_);
    idle_.push_back(std::move(buffer));
  }
  void take_listed(std::span<const ExternalId> listed) {
    for (; !listed.empty(); listed = listed.subspan(std::min(listed.size(), kBuffer))) {
      BigArray<ExternalId> ids(listed.first(std::min(listed.size(), kBuffer)));
      write_ids(*files_[kListed], ids.span());
    }
  }
  // What is left, when nobody takes any more.
  void finish() {
    for (const auto& buffer : idle_) write(*buffer);
    idle_.clear();
  }
  EdgeCount edges() const { return edges_; }
  std::uint64_t self_loops_dropped() const { return self_loops_dropped_; }

 private:
  struct Buffer {
    BigArray<AtomEdge> edges{kBuffer};
    std::size_t size = 0;
  };

  std::unique_ptr<Buffer> borrow() {
    const std::lock_guard lock(guard_);
    if (idle_.empty()) return std::make_unique<Buffer>();
    std::unique_ptr<Buffer> buffer = std::move(idle_.back());
    idle_.pop_back();
    return buffer;
  }
  void write(Buffer& buffer) {
    std::span<AtomEdge> edges = buffer.edges.span().first(std::exchange(buffer.size, 0));
    if (keep_ends_) write_ends(edges);
    if (drop_self_loops_) {  // their vertices stay
      const auto loops = std::ranges::remove_if(edges, [](const AtomEdge& edge) { return edge.source == edge.target; });
      self_loops_dropped_ += loops.size();
      edges = edges.first(edges.size() - loops.size());
    }
    std::ranges::sort(edges, std::less<>());
    files_[kEdges]->append(std::span<const AtomEdge>(edges));
    edges_ += edges.size();
  }
  void write_ends(std::span<const AtomEdge> edges) {
    BigArray<ExternalId> ends(2 * edges.size());
    for (std::size_t i = 0; i < edges.size(); ++i) {
      ends[2 * i] = edges[i].source;
      ends[2 * i + 1] = edges[i].target;
    }
    write_ids(*files_[kEnds], ends.span());
  }

  std::span<const std::unique_ptr<RunFile>> files_;
  bool keep_ends_;
  bool drop_self_loops_;
  std::mutex guard_;
  std::vector<std::unique_ptr<Buffer>> idle_;
  std::atomic<EdgeCount> edges_ = 0;
  std::atomic<std::uint64_t> self_loops_dropped_ = 0;
};

NewEdges::NewEdges(Communicator& comm, EdgeSource& source, const std::string& folder, bool drop_self_loops)
    : folder_(folder),
      token_(comm.all_gather(static_cast<int>(getpid()))[0]),
      source_(source.describe()),
      ranks_(comm.size()),
      only_listed_(source.lists_vertices()) {
  source.prepare(comm);
  comm.agree([&] {
    count_ = source.vertex_count();
    if (count_) first_ = source.first_id();
    for (const Kind kind : {kEdges, kEnds, kListed})
      mine_.push_back(std::make_unique<RunFile>(path(kind, comm.rank()), static_cast<std::uint32_t>(comm.rank())));
    Sorter sorter(mine_, !count_, drop_self_loops);
    read(source, sorter);
    sorter.finish();
    for (const auto& file : mine_) file->end();
    edges_ = sorter.edges();
    self_loops_dropped_ = sorter.self_loops_dropped();
  });
  source.check_read(comm);
  edges_ = comm.sum(edges_);
  self_loops_dropped_ = comm.sum(self_loops_dropped_);
  for (std::size_t kind = 0; kind < kKinds; ++kind)
    runs_[kind] = comm.all_gather_spans(std::span<const SortedRun>(mine_[kind]->runs()));
}

NewEdges::~NewEdges() = default;

void NewEdges::remove_leftovers(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    for (const char* prefix : kPrefixes)
      if (entry.path().filename().string().starts_with(prefix)) std::filesystem::remove(entry.path(), ignored);
}

void NewEdges::read(EdgeSource& source, Sorter& sorter) {
  const auto read_vertices = [&] {
    source.read_vertices([&](std::span<const ExternalId> ids) { sorter.take_listed(ids); });
  };
  if (source.lists_vertices()) read_vertices();
  source.read_edges([&](EdgeChunk&& chunk) {
    sorter.take([&](const auto& put) {
      chunk.for_each([&](ExternalId from, ExternalId to, std::size_t i) {
        for (const ExternalId id : {from, to})
          if (count_ && id - first_ >= *count_) refuse_beyond(source_, first_, *count_, id);
        put({from, to, chunk.weighted() ? chunk.weights[i] : 0});
      });
    });
  });
  if (source.names_lone_vertices()) read_vertices();
}

std::string NewEdges::path(Kind kind, int rank) const {
  return fmt::format("{}/{}{}-{}", folder_, kPrefixes[kind], token_, rank);
}

std::vector<std::string> NewEdges::paths(Kind kind) const {
  std::vector<std::string> paths;
  for (int rank = 0; rank < ranks_; ++rank) paths.push_back(path(kind, rank));
  return paths;
}

template <class Visit>
void NewEdges::for_each_id(const Visit& visit) const {
  MergedRuns<ExternalId> ends(paths(kEnds), runs_[kEnds]), listed(paths(kListed), runs_[kListed]);
  ExternalId end = 0, name = 0;
  bool more_ends = ends.next(end), more_names = listed.next(name);
  while (more_ends || more_names) {
    if (more_names && (!more_ends || name <= end)) {
      visit(name, true);
      more_names = listed.next(name);
    } else {
      visit(end, false);
      more_ends = ends.next(end);
    }
  }
}

BigArray<ExternalId> NewEdges::vertices() const {
  if (count_) {
    BigArray<ExternalId> ids(*count_);
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = first_ + i;
    return ids;
  }
  // Counted first, so that there is never room for more.
  const auto for_each_new = [&](const auto& visit) {
    std::optional<ExternalId> last;
    for_each_id([&](ExternalId id, bool is_listed) {
      if (last == id) return;
      if (only_listed_ && !is_listed) refuse_unlisted(source_, id);
      last = id;
      visit(id);
    });
  };
  std::size_t count = 0;
  for_each_new([&](ExternalId) { ++count; });
  BigArray<ExternalId> ids(count);
  std::size_t at = 0;
  for_each_new([&](ExternalId id) { ids[at++] = id; });
  return ids;
}

void NewEdges::for_each(const std::function<void(const AtomEdge&)>& visit) const {
  MergedRuns<AtomEdge> edges(paths(kEdges), runs_[kEdges]);
  AtomEdge edge;
  while (edges.next(edge)) visit(edge);
}

}  // namespace gasket
