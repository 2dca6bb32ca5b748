package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.policyledger.store.Sha256;

class MerkleTreeTest {

    /** The leaves of the tests published with Certificate Transparency's reference implementation, and the roots over them. */
    private static final List<String> LEAVES = List.of("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
            "606162636465666768696a6b6c6d6e6f");
    private static final List<String> ROOTS = List.of(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    private static MerkleTree over(List<Sha256> leaves) {
        return new MerkleTree((level, index) -> complete(leaves, level, index));
    }

    private static Sha256 complete(List<Sha256> leaves, int level, long index) {
        return level == 0
                ? leaves.get((int) index)
                : Sha256.ofNode(complete(leaves, level - 1, 2 * index), complete(leaves, level - 1, 2 * index + 1));
    }

    private static List<Sha256> numbered(int count) {
        return LongStream.range(0, count).mapToObj(i -> Sha256.ofLeaf(ByteBuffer.allocate(8).putLong(i).array()))
                .toList();
    }

    private static Sha256 hex(String hash) {
        return Sha256.of(HexFormat.of().parseHex(hash));
    }

    @Test
    void givenThePublishedLeaves_whenRootsAreComputed_thenTheyAreThePublishedOnes() {
        MerkleTree tree = over(LEAVES.stream().map(HexFormat.of()::parseHex).map(Sha256::ofLeaf).toList());
        for (int size = 0; size < ROOTS.size(); size++) {
            assertThat(tree.root(size)).as("size " + size).isEqualTo(hex(ROOTS.get(size)));
        }
    }

    @Test
    void givenThePublishedLeaves_whenProofsAreMade_thenTheyAreThePublishedOnes() {
        MerkleTree tree = over(LEAVES.stream().map(HexFormat.of()::parseHex).map(Sha256::ofLeaf).toList());
        assertThat(tree.inclusion(0, 8)).containsExactly(
                hex("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"),
                hex("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"),
                hex("6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"));
        assertThat(tree.inclusion(0, 1)).isEmpty();
        assertThat(tree.consistency(6, 8)).containsExactly(
                hex("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"),
                hex("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"),
                hex("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
    }

    @Test
    void givenEveryLeafOfEverySize_whenItsInclusionIsProved_thenTheProofHoldsForItAlone() {
        List<Sha256> leaves = numbered(40);
        MerkleTree tree = over(leaves);
        for (int size = 1; size <= leaves.size(); size++) {
            Sha256 root = tree.root(size);
            for (int index = 0; index < size; index++) {
                List<Sha256> path = tree.inclusion(index, size);
                Sha256 leaf = leaves.get(index);
                assertThat(MerkleTree.verifyInclusion(leaf, index, size, path, root)).isTrue();
                assertThat(MerkleTree.verifyInclusion(Sha256.ofBytes(leaf.bytes()), index, size, path, root)).isFalse();
                assertThat(MerkleTree.verifyInclusion(leaf, index, size, path, leaves.get(0)))
                        .isEqualTo(size == 1);
                for (List<Sha256> wrong : spoilt(path)) {
                    assertThat(MerkleTree.verifyInclusion(leaf, index, size, wrong, root)).isFalse();
                }
                for (int other = 0; other < size; other++) {
                    assertThat(MerkleTree.verifyInclusion(leaf, other, size, path, root)).isEqualTo(other == index);
                }
            }
        }
    }

    @Test
    void givenAnyTwoSizes_whenTheirConsistencyIsProved_thenTheProofHoldsForThemAlone() {
        MerkleTree tree = over(numbered(40));
        for (int to = 0; to <= 40; to++) {
            for (int from = 0; from <= to; from++) {
                List<Sha256> proof = tree.consistency(from, to);
                Sha256 oldRoot = tree.root(from);
                Sha256 newRoot = tree.root(to);
                assertThat(MerkleTree.verifyConsistency(from, oldRoot, to, newRoot, proof)).isTrue();
                Sha256 other = Sha256.ofBytes(oldRoot.bytes());
                assertThat(MerkleTree.verifyConsistency(from, other, to, newRoot, proof)).isFalse();
                if (from > 0) {
                    assertThat(MerkleTree.verifyConsistency(from, oldRoot, to, other, proof)).isFalse();
                    for (List<Sha256> wrong : spoilt(proof)) {
                        assertThat(MerkleTree.verifyConsistency(from, oldRoot, to, newRoot, wrong)).isFalse();
                    }
                }
            }
        }
    }

    @Test
    void givenALeafOrASizeThatIsNotThere_whenAProofIsAsked_thenItIsRefused() {
        MerkleTree tree = over(numbered(4));
        assertThatThrownBy(() -> tree.inclusion(4, 4)).hasMessage("leaf 4 is not in a tree of 4 leaves");
        assertThatThrownBy(() -> tree.inclusion(-1, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tree.consistency(4, 3)).hasMessage("a tree of 4 leaves is no beginning of one of 3");
        assertThat(MerkleTree.verifyInclusion(hex(ROOTS.get(1)), 1, 1, List.of(), hex(ROOTS.get(1)))).isFalse();
        assertThat(MerkleTree.verifyConsistency(2, hex(ROOTS.get(2)), 1, hex(ROOTS.get(1)), List.of())).isFalse();
    }

    /** One hash changed, one missing, one too many. */
    private static List<List<Sha256>> spoilt(List<Sha256> proof) {
        List<List<Sha256>> all = new ArrayList<>();
        for (int i = 0; i < proof.size(); i++) {
            List<Sha256> changed = new ArrayList<>(proof);
            changed.set(i, Sha256.ofBytes(proof.get(i).bytes()));
            all.add(changed);
            List<Sha256> shorter = new ArrayList<>(proof);
            shorter.remove(i);
            all.add(shorter);
        }
        List<Sha256> longer = new ArrayList<>(proof);
        longer.add(hex(ROOTS.get(1)));
        all.add(longer);
        return all;
    }
}
