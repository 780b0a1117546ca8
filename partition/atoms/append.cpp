#include "partition/atoms/append.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>

#include "partition/atoms/growth.hpp"
#include "partition/atoms/journal.hpp"
#include "partition/build/numbered.hpp"
#include "partition/comm/exchange.hpp"
#include "partition/error.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

// As long as it lives, no other append works on the folder.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder) : handle_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (handle_ < 0) throw InputError(fmt::format("{}: cannot be opened: {}", folder, std::strerror(errno)));
    if (flock(handle_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;  // some file systems have no locks
    close(handle_);
    throw InputError(fmt::format("{}: another append is at work", folder));
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock() { close(handle_); }

 private:
  int handle_;
};

// The end of a journal behind what the index counts. What is written is taken back unless it is kept.
class JournalEnd {
 public:
  JournalEnd(std::string path, std::uint64_t bytes) : path_(std::move(path)), begin_(bytes), at_(bytes) {
    handle_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (handle_ < 0) throw InputError(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
    cut();
  }
  JournalEnd(const JournalEnd&) = delete;
  JournalEnd& operator=(const JournalEnd&) = delete;
  ~JournalEnd() {
    if (!kept_) static_cast<void>(ftruncate(handle_, static_cast<off_t>(begin_)) == 0);
    close(handle_);
  }

  void append(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = pwrite(handle_, bytes.data(), bytes.size(), static_cast<off_t>(at_));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail();
      bytes.remove_prefix(static_cast<std::size_t>(written));
      at_ += static_cast<std::uint64_t>(written);
    }
  }
  void sync() {
    if (fsync(handle_) != 0 && errno != EINVAL && errno != ENOTSUP) fail();
  }
  void keep() { kept_ = true; }

 private:
  [[noreturn]] void fail() const {
    throw ResourceError(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
  }
  void cut() {
    if (ftruncate(handle_, static_cast<off_t>(begin_)) == 0) return;
    const int error = errno;
    close(handle_);
    throw ResourceError(fmt::format("cannot write {}: {}", path_, std::strerror(error)));
  }

  std::string path_;
  int handle_ = -1;
  std::uint64_t begin_;
  std::uint64_t at_;
  bool kept_ = false;
};

void refuse_unsuitable(EdgeSource& source, const AtomIndex& index, const std::string& folder) {
  if (source.names() != nullptr)
    throw UsageError(fmt::format("{}: its ids are strings; atoms keep numbers only", source.describe()));
  if (index.weighted && !source.weighted())
    throw InputError(
        fmt::format("{}: has no weights (a third column), but the graph in {} has", source.describe(), folder));
  if (index.directed && !source.directed().value_or(true))
    throw InputError(
        fmt::format("{}: has undirected edges, but the graph in {} is directed", source.describe(), folder));
}

// All edges and vertices of the source by external id, on rank 0.
struct NewEdges {
  std::vector<AtomEdge> edges;
  std::vector<ExternalId> vertices;
  EdgeCount self_loops_dropped = 0;
};

template <class T>
std::vector<T> bring_to_first(Communicator& comm, std::vector<T> mine) {
  std::vector<BigArray<T>> outgoing(static_cast<std::size_t>(comm.size()));
  outgoing[0] = BigArray<T>(std::span<const T>(mine));
  mine.clear();
  for (const BigArray<T>& list : exchange(comm, std::move(outgoing))) mine.insert(mine.end(), list.begin(), list.end());
  return mine;
}

NewEdges read_all(Communicator& comm, EdgeSource& source, const AppendOptions& options,
                  const std::function<void(std::string_view)>& stage) {
  NumberedEdges input = read_numbered(comm, source, options.drop_self_loops, stage);
  std::vector<GlobalId> asked;
  for (const EdgeChunk& chunk : input.edges)
    chunk.for_each([&](GlobalId from, GlobalId to, std::size_t) {
      asked.push_back(from);
      asked.push_back(to);
    });
  const BigArray<ExternalId> ends = input.ids.external(comm, asked);
  std::vector<AtomEdge> edges;
  for (const EdgeChunk& chunk : input.edges)
    chunk.for_each([&](GlobalId, GlobalId, std::size_t i) {
      const std::size_t at = 2 * edges.size();
      edges.push_back({ends[at], ends[at + 1], chunk.weighted() ? chunk.weights[i] : 0});
    });
  input.edges.clear();
  asked.clear();
  const GlobalId end = comm.slice(input.vertices, comm.rank() + 1);
  for (GlobalId v = comm.slice(input.vertices, comm.rank()); v < end; ++v) asked.push_back(v);
  const BigArray<ExternalId> names = input.ids.external(comm, asked);
  return {bring_to_first(comm, std::move(edges)),
          bring_to_first(comm, std::vector<ExternalId>(names.begin(), names.end())), input.counts.self_loops_dropped};
}

// Which atoms know the vertices that the new edges name.
void look_up(AtomGrowth& growth, const std::string& folder, const AtomIndex& index) {
  std::mutex guard;
  parallel::for_each_index(index.atoms.size(), [&](std::size_t a) {
    const Journal journal(folder, index, static_cast<AtomId>(a));
    for (const Journal::Block& block : journal.blocks()) {
      if (block.kind == RecordKind::edges) continue;
      const std::vector<std::size_t> known = growth.known_among(journal.read_ids(block));
      const std::lock_guard lock(guard);
      for (const std::size_t end : known) growth.note(end, static_cast<AtomId>(a), block.kind == RecordKind::vertices);
    }
  });
  growth.end_notes();
}

// Writes what the atoms get and then the index.
void write_growth(const AtomGrowth& growth, const std::string& folder, AtomIndex& index) {
  std::vector<std::unique_ptr<JournalEnd>> ends(index.atoms.size());
  const auto atoms = static_cast<AtomId>(index.atoms.size());
  parallel::for_each_index(ends.size(), [&](std::size_t a) {
    const AtomGrowth::Gain& gain = growth.gains()[a];
    if (gain.empty()) return;
    const auto atom = static_cast<AtomId>(a);
    JournalEnd& end = *(ends[a] = std::make_unique<JournalEnd>(journal_path(folder, atom), index.atoms[a].bytes));
    JournalWriter writer(index.graph, atom, atoms, index.weighted, index.atoms[a],
                         [&](std::string_view bytes) { end.append(bytes); });
    writer.append_ids(RecordKind::vertices, gain.vertices);
    writer.append_ids(RecordKind::ghosts, gain.ghosts);
    writer.append_edges(gain.edges);
    end.sync();
    index.atoms[a] = writer.facts();
  });
  write_atom_index(index, folder);
  for (const auto& end : ends)
    if (end) end->keep();
}

}  // namespace

AppendResult append_edges(Communicator& comm, EdgeSource& source, const std::string& folder,
                          const AppendOptions& options) {
  const auto stage = [&](std::string_view name) {
    if (options.on_stage) options.on_stage(name);
  };
  AppendResult result;
  AtomIndex& index = result.index;
  std::optional<FolderLock> lock;
  comm.agree([&] {
    if (comm.rank() == 0) lock.emplace(folder);
    index = read_atom_index(folder);
    refuse_unsuitable(source, index, folder);
  });
  NewEdges added = read_all(comm, source, options, stage);
  result.self_loops_dropped = added.self_loops_dropped;
  comm.agree([&] {
    if (comm.rank() != 0) return;
    result.edges = added.edges.size();
    AtomGrowth growth(index, std::move(added.edges), std::move(added.vertices));
    stage("looking for known vertices");
    look_up(growth, folder, index);
    growth.place();
    result.vertices = growth.new_vertices();
    index.shared = growth.shared();
    index.vertices += result.vertices;
    index.edges += result.edges;
    ++index.appends;
    for (const AtomGrowth::Gain& gain : growth.gains()) result.atoms += gain.empty() ? 0 : 1;
    stage("writing journals");
    write_growth(growth, folder, index);
  });
  return result;
}

}  // namespace gasket
