#include "partition/atoms/write.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "partition/atoms/homes.hpp"
#include "partition/atoms/journal.hpp"
#include "partition/hash.hpp"
#include "partition/io/pending_file.hpp"
#include "partition/io/unfinished.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& folder, const std::string& why) {
  throw InputError(fmt::format("cannot write {}: {}", folder, why));
}

void sync_folder(const fs::path& folder) {
  if (const int handle = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); handle >= 0) {
    fsync(handle);  // a file system that cannot is no reason to refuse it
    close(handle);
  }
}

// Without the slashes at the end, which stand in the way of a name beside it.
std::string plain_name(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

// The folder under another name, as long as it is not whole. Rank 0 makes it, and takes it away unless it was published.
class PendingFolder {
 public:
  PendingFolder(Communicator& comm, const std::string& folder) : comm_(comm), final_(plain_name(folder)) {
    comm.agree([&] {
      if (comm.rank() != 0) return;
      if (std::error_code ignored; fs::exists(final_, ignored))
        fail(folder, "it exists already; atoms make a new folder");
      for (int attempt = 0; temporary_.empty(); ++attempt) {
        const std::string name = fmt::format("{}.partial-{}-{}", final_, getpid(), attempt);
        if (mkdir(name.c_str(), 0777) == 0)
          unfinished_ = Unfinished(temporary_ = name);
        else if (errno != EEXIST || attempt == 100)
          fail(folder, std::strerror(errno));
      }
    });
    std::vector<char> name(temporary_.begin(), temporary_.end());
    comm.broadcast(name, 0);
    temporary_.assign(name.begin(), name.end());
  }
  PendingFolder(const PendingFolder&) = delete;
  PendingFolder& operator=(const PendingFolder&) = delete;
  ~PendingFolder() {
    std::error_code ignored;
    if (comm_.rank() == 0 && !published_) fs::remove_all(temporary_, ignored);
  }

  /// Where files are written.
  const std::string& path() const { return temporary_; }

  /// Rank 0, last.
  void publish() {
    sync_folder(temporary_);
    // A folder that has come in the meantime is only replaced when it is empty.
    if (rename(temporary_.c_str(), final_.c_str()) != 0) fail(final_, std::strerror(errno));
    published_ = true;
    const fs::path parent = fs::path(final_).parent_path();
    sync_folder(parent.empty() ? fs::path(".") : parent);
  }

 private:
  Communicator& comm_;
  std::string final_;
  std::string temporary_;
  Unfinished unfinished_;  // rank 0's
  bool published_ = false;
};

// A number for the graph as it is cut: of all edges with their atoms, whatever their order.
std::uint64_t fingerprint(Communicator& comm, const CutGraph& cut, const AtomOptions& options) {
  std::vector<std::uint64_t> sums(cut.edges.size());
  parallel::for_each_index(sums.size(), [&](std::size_t a) {
    for (const EdgeChunk& chunk : cut.edges[a])
      chunk.for_each([&](GlobalId source, GlobalId target, std::size_t i) {
        const std::uint64_t weight = cut.weighted ? std::bit_cast<std::uint64_t>(chunk.weights[i]) : 0;
        sums[a] += mix(mix(mix(source) + target) + weight + cut.begin + a);
      });
  });
  std::uint64_t sum = 0;
  for (const std::uint64_t part : sums) sum += part;
  const std::uint64_t facts = mix(cut.input.vertices) + mix(options.atoms ^ mix(options.seed)) + (cut.directed ? 1 : 0);
  return mix(comm.sum(sum) + facts);
}

// Writes one atom after it has its names; frees its edges.
class AtomWriter {
 public:
  AtomWriter(const CutGraph& cut, std::uint64_t graph, AtomId atoms, const std::string& folder)
      : cut_(cut), graph_(graph), atoms_(atoms), folder_(folder) {}

  // `names`: the external ids of the `vertices`, which ascend and are all of the atom; empty when they are the same.
  AtomFacts write(AtomId atom, std::vector<EdgeChunk> chunks, std::span<const GlobalId> homes,
                  std::span<const GlobalId> ghosts, std::span<const GlobalId> vertices,
                  std::span<const ExternalId> names) const {
    const auto name = [&](GlobalId v) {
      return names.empty() ? v
                           : names[static_cast<std::size_t>(std::ranges::lower_bound(vertices, v) - vertices.begin())];
    };
    std::vector<AtomEdge> edges;
    std::size_t count = 0;
    for (const EdgeChunk& chunk : chunks) count += chunk.size();
    edges.reserve(count);
    for (EdgeChunk& chunk : chunks) {
      chunk.for_each([&](GlobalId source, GlobalId target, std::size_t i) {
        edges.push_back({name(source), name(target), cut_.weighted ? chunk.weights[i] : 0});
      });
      chunk = EdgeChunk();
    }
    std::ranges::sort(edges);
    PendingFile file(journal_path(folder_, atom));
    JournalWriter journal(graph_, atom, atoms_, cut_.weighted, {}, [&](std::string_view bytes) { file.append(bytes); });
    const auto put = [&](RecordKind kind, std::span<const GlobalId> ids) {
      std::vector<ExternalId> named(ids.size());
      std::ranges::transform(ids, named.begin(), name);
      journal.append_ids(kind, named);
    };
    put(RecordKind::vertices, homes);
    put(RecordKind::ghosts, ghosts);
    journal.append_edges(edges);
    file.publish();
    return journal.facts();
  }

 private:
  const CutGraph& cut_;
  std::uint64_t graph_;
  AtomId atoms_;
  const std::string& folder_;
};

// Journals of this rank's atoms.
std::vector<AtomFacts> write_journals(Communicator& comm, CutGraph& cut, const AtomVertices& vertices,
                                      std::uint64_t graph, AtomId atoms, const std::string& folder) {
  const std::size_t count = cut.edges.size();
  const bool named = !cut.input.ids.is_dense();
  // The names of all vertices of all atoms here, asked for at once.
  std::vector<std::vector<GlobalId>> all(named ? count : 0);
  std::vector<std::size_t> begins{0};
  std::vector<GlobalId> asked;
  for (std::size_t a = 0; a < all.size(); ++a) {
    std::ranges::merge(vertices.homes[a], vertices.ghosts[a], std::back_inserter(all[a]));
    asked.insert(asked.end(), all[a].begin(), all[a].end());
    begins.push_back(asked.size());
  }
  const BigArray<ExternalId> names = named ? cut.input.ids.external(comm, asked) : BigArray<ExternalId>();
  std::vector<AtomFacts> facts(count);
  const AtomWriter writer(cut, graph, atoms, folder);
  comm.agree([&] {
    parallel::for_each_index(count, [&](std::size_t a) {
      const auto of_atom = named ? names.span().subspan(begins[a], all[a].size()) : std::span<const ExternalId>();
      facts[a] = writer.write(cut.begin + static_cast<AtomId>(a), std::move(cut.edges[a]), vertices.homes[a],
                              vertices.ghosts[a],
                              named ? std::span<const GlobalId>(all[a]) : std::span<const GlobalId>(), of_atom);
    });
  });
  return facts;
}

}  // namespace

WrittenAtoms write_atoms(Communicator& comm, EdgeSource& source, const AtomOptions& options,
                         const std::string& folder) {
  PendingFolder pending(comm, folder);
  CutGraph cut = cut_into_atoms(comm, source, options);
  if (options.on_stage) options.on_stage("finding what atoms share");
  const AtomVertices vertices = find_homes(comm, cut, options.atoms);
  WrittenAtoms written;
  written.counts = cut.input.counts;
  written.isolated = vertices.isolated;
  AtomIndex& index = written.index;
  index.graph = fingerprint(comm, cut, options);
  index.directed = cut.directed;
  index.weighted = cut.weighted;
  index.placement = cut.placement->chosen().empty() ? options.placement : cut.placement->chosen();
  std::ranges::replace_if(
      index.placement, [](char c) { return c == '\n' || c == '\r'; }, '?');
  index.vertices = cut.input.vertices;
  index.shared = vertices.shared;
  if (options.on_stage) options.on_stage(fmt::format("writing {}", folder));
  const std::vector<AtomFacts> mine = write_journals(comm, cut, vertices, index.graph, options.atoms, pending.path());
  index.atoms = comm.all_gather_spans(std::span<const AtomFacts>(mine));
  for (const AtomFacts& atom : index.atoms) index.edges += atom.edges;
  comm.agree([&] {
    if (comm.rank() != 0) return;
    for (AtomId a = 0; a < options.atoms; ++a) {
      std::error_code ignored;
      if (fs::file_size(journal_path(pending.path(), a), ignored) != index.atoms[a].bytes)
        fail(folder, "what other ranks write is not there; atoms need a folder that all ranks share");
    }
    write_atom_index(index, pending.path());
    pending.publish();
  });
  return written;
}

}  // namespace gasket
