#include "partition/atoms/append.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "partition/atoms/growth.hpp"
#include "partition/atoms/journal.hpp"
#include "partition/atoms/new_edges.hpp"
#include "partition/build/numbered.hpp"
#include "partition/error.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr double kProgram = 20e6;  // MPI, the code
constexpr double kWorker = 8e6;    // a block of text and the edges of one
constexpr double kGrows = 1.5;     // a list that grows has room to spare

// As long as it lives, no other append works on the folder. Locks a file that stays there: over a network, a folder cannot
// be locked, nor what is open for reading only.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder)
      : handle_(open((folder + "/append.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    if (handle_ < 0) throw InputError(fmt::format("{}: cannot be written: {}", folder, std::strerror(errno)));
    held_ = flock(handle_, LOCK_EX | LOCK_NB) == 0;
    if (held_ || errno != EWOULDBLOCK) return;  // some file systems have no locks
    close(handle_);
    throw InputError(fmt::format("{}: another append is at work", folder));
  }
  bool held() const { return held_; }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock() { close(handle_); }

 private:
  int handle_;
  bool held_ = false;
};

// A file open for writing as long as this.
class Handle {
 public:
  explicit Handle(const std::string& path) : file_(open(path.c_str(), O_WRONLY | O_CLOEXEC)) {
    if (file_ < 0) throw InputError(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { close(file_); }
  operator int() const { return file_; }

 private:
  int file_;
};

// The end of a journal behind what the index counts. What is written is taken back unless it is kept. Not open in
// between: there may be more journals than a process may have open.
class JournalEnd {
 public:
  JournalEnd(std::string path, std::uint64_t bytes) : path_(std::move(path)), begin_(bytes), at_(bytes) {
    if (ftruncate(Handle(path_), static_cast<off_t>(begin_)) != 0) fail();
  }
  JournalEnd(const JournalEnd&) = delete;
  JournalEnd& operator=(const JournalEnd&) = delete;
  ~JournalEnd() {
    if (!kept_) static_cast<void>(truncate(path_.c_str(), static_cast<off_t>(begin_)) == 0);
  }

  /// Calls write(sink) and appends what the sink gets.
  template <class Write>
  void append(const Write& write) {
    const Handle file(path_);
    write([&](std::string_view bytes) { append_bytes(file, bytes); });
  }
  void sync() const {
    if (fsync(Handle(path_)) != 0 && errno != EINVAL && errno != ENOTSUP) fail();
  }
  void keep() { kept_ = true; }

 private:
  [[noreturn]] void fail() const {
    throw ResourceError(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
  }
  void append_bytes(int file, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at_));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail();
      bytes.remove_prefix(static_cast<std::size_t>(written));
      at_ += static_cast<std::uint64_t>(written);
    }
  }

  std::string path_;
  std::uint64_t begin_;
  std::uint64_t at_;
  bool kept_ = false;
};

void refuse_unsuitable(EdgeSource& source, const AtomIndex& index, const std::string& folder) {
  refuse_names(source);
  if (index.weighted && !source.weighted())
    throw InputError(
        fmt::format("{}: has no weights (a third column), but the graph in {} has", source.describe(), folder));
  if (index.directed && !source.directed().value_or(true))
    throw InputError(
        fmt::format("{}: has undirected edges, but the graph in {} is directed", source.describe(), folder));
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
}

// The journals as they grow. The new index makes it all count.
class GrowingJournals {
 public:
  GrowingJournals(const std::string& folder, AtomIndex& index)
      : folder_(folder), index_(index), ends_(index.atoms.size()) {}

  // Several atoms at once.
  void write(AtomId atom, const AtomGrowth::Gain& gain) {
    AtomFacts& facts = index_.atoms[atom];
    if (!ends_[atom]) ends_[atom] = std::make_unique<JournalEnd>(journal_path(folder_, atom), facts.bytes);
    ends_[atom]->append([&](const JournalWriter::Sink& sink) {
      JournalWriter writer(index_.graph, atom, static_cast<AtomId>(ends_.size()), index_.weighted, facts, sink);
      writer.append_ids(RecordKind::vertices, gain.vertices);
      writer.append_ids(RecordKind::ghosts, gain.ghosts);
      writer.append_edges(gain.edges);
      facts = writer.facts();
    });
  }
  // Returns how many have grown.
  AtomId publish() {
    parallel::for_each_index(ends_.size(), [&](std::size_t a) {
      if (ends_[a]) ends_[a]->sync();
    });
    write_atom_index(index_, folder_);
    AtomId grown = 0;
    for (const auto& end : ends_) {
      if (!end) continue;
      end->keep();
      ++grown;
    }
    return grown;
  }

 private:
  const std::string& folder_;
  AtomIndex& index_;
  std::vector<std::unique_ptr<JournalEnd>> ends_;
};

// Rank 0's work.
void grow(AppendResult& result, const NewEdges& added, BigArray<ExternalId> vertices, const std::string& folder,
          const std::function<void(std::string_view)>& stage) {
  AtomIndex& index = result.index;
  GrowingJournals journals(folder, index);
  AtomGrowth growth(index, std::move(vertices), added.edges(),
                    [&](AtomId atom, const AtomGrowth::Gain& gain) { journals.write(atom, gain); });
  stage("looking for known vertices");
  look_up(growth, folder, index);
  stage("writing journals");
  added.for_each([&](const AtomEdge& edge) { growth.place(edge); });
  growth.finish();
  result.edges = added.edges();
  result.vertices = growth.new_vertices();
  index.shared = growth.shared();
  index.vertices += result.vertices;
  index.edges += result.edges;
  ++index.appends;
  result.atoms = journals.publish();
}

}  // namespace

double estimate_append(const SourceSize& size, const AtomIndex& index, int threads, bool first) {
  const auto atoms = static_cast<double>(index.atoms.size());
  double copies = 0;  // per vertex
  for (const AtomFacts& atom : index.atoms) copies += static_cast<double>(atom.vertices + atom.ghosts);
  copies /= std::max(1.0, static_cast<double>(index.vertices));
  const double meta = 16 * static_cast<double>(index.shared.size());
  const double buffer = std::min(static_cast<double>(NewEdges::kWorkerBytes), 40 * size.edges);
  const double reading = threads * (kWorker + buffer);
  if (!first) return kProgram + meta + reading;
  const double known = std::min(size.vertices, static_cast<double>(index.vertices));
  const double vertices = size.vertices * 16 + known * (copies > 2 ? 3 * copies : 0);
  const double table = 8 * atoms * atoms + meta;  // what pairs of atoms share
  const double merge = std::min(static_cast<double>(MergedRuns<AtomEdge>::kMergeBytes), 24 * size.edges);
  const double waiting = kGrows * 24 * std::min(static_cast<double>(AtomGrowth::kWaiting), size.edges);
  return kProgram + meta + std::max(reading, vertices + table + merge + waiting);
}

AppendResult append_edges(Communicator& comm, EdgeSource& source, const std::string& folder,
                          const AppendOptions& options) {
  const auto stage = [&](std::string_view name) {
    if (options.on_stage) options.on_stage(name);
  };
  AppendResult result;
  std::optional<FolderLock> lock;
  comm.agree([&] {
    if (comm.rank() == 0) {
      read_atom_index(folder);  // a folder of something else gets no lock file
      lock.emplace(folder);
      if (lock->held()) NewEdges::remove_leftovers(folder);
    }
    result.index = read_atom_index(folder);
    refuse_unsuitable(source, result.index, folder);
  });
  stage("reading edges");
  const NewEdges added(comm, source, folder, options.drop_self_loops);
  result.self_loops_dropped = added.self_loops_dropped();
  BigArray<ExternalId> vertices;
  comm.agree([&] {
    if (comm.rank() == 0) vertices = added.vertices();
  });
  if (!comm.any(!vertices.empty())) refuse_empty(source);
  comm.agree([&] {
    if (comm.rank() == 0) grow(result, added, std::move(vertices), folder, stage);
  });
  return result;
}

}  // namespace gasket
