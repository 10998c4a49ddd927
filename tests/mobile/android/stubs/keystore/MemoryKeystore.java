package keystore;

import android.security.keystore.KeyGenParameterSpec;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.Key;
import java.security.KeyStoreSpi;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.KeyGeneratorSpi;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** The Keystore of a phone, by the name under which Android has it. */
public final class MemoryKeystore extends Provider {
    public static final Map<String, Key> KEYS = new HashMap<>();
    public static KeyGenParameterSpec asked;
    /** What reading a key throws. */
    public static Exception failure;

    public MemoryKeystore() {
        super("AndroidKeyStore", "1", "keys in memory");
        put("KeyStore.AndroidKeyStore", Store.class.getName());
        put("KeyGenerator.AES", Generator.class.getName());
    }

    public static void install() {
        Security.addProvider(new MemoryKeystore());
    }

    public static final class Generator extends KeyGeneratorSpi {
        private KeyGenParameterSpec spec;

        @Override
        protected void engineInit(SecureRandom random) {}

        @Override
        protected void engineInit(int bits, SecureRandom random) {}

        @Override
        protected void engineInit(AlgorithmParameterSpec spec, SecureRandom random) {
            this.spec = (KeyGenParameterSpec) spec;
        }

        @Override
        protected SecretKey engineGenerateKey() {
            byte[] bytes = new byte[spec.bits / 8];
            new SecureRandom().nextBytes(bytes);
            SecretKey key = new SecretKeySpec(bytes, "AES");
            asked = spec;
            KEYS.put(spec.alias, key);
            return key;
        }
    }

    public static final class Store extends KeyStoreSpi {
        @Override
        public Key engineGetKey(String alias, char[] password) throws UnrecoverableKeyException {
            if (failure instanceof UnrecoverableKeyException) throw (UnrecoverableKeyException) failure;
            if (failure instanceof RuntimeException) throw (RuntimeException) failure;
            return KEYS.get(alias);
        }

        @Override
        public void engineLoad(InputStream stream, char[] password) {}

        @Override
        public void engineLoad(java.security.KeyStore.LoadStoreParameter parameter) {}

        @Override
        public void engineStore(OutputStream stream, char[] password) {}

        @Override
        public boolean engineContainsAlias(String alias) {
            return KEYS.containsKey(alias);
        }

        @Override
        public Enumeration<String> engineAliases() {
            return Collections.enumeration(KEYS.keySet());
        }

        @Override
        public int engineSize() {
            return KEYS.size();
        }

        @Override
        public boolean engineIsKeyEntry(String alias) {
            return KEYS.containsKey(alias);
        }

        @Override
        public boolean engineIsCertificateEntry(String alias) {
            return false;
        }

        @Override
        public Certificate[] engineGetCertificateChain(String alias) {
            return null;
        }

        @Override
        public Certificate engineGetCertificate(String alias) {
            return null;
        }

        @Override
        public Date engineGetCreationDate(String alias) {
            return null;
        }

        @Override
        public String engineGetCertificateAlias(Certificate certificate) {
            return null;
        }

        @Override
        public void engineSetKeyEntry(String alias, Key key, char[] password, Certificate[] chain) {
            KEYS.put(alias, key);
        }

        @Override
        public void engineSetKeyEntry(String alias, byte[] key, Certificate[] chain) {}

        @Override
        public void engineSetCertificateEntry(String alias, Certificate certificate) {}

        @Override
        public void engineDeleteEntry(String alias) {
            KEYS.remove(alias);
        }
    }
}
